// A counsellor's telephone: rung by us, it answers when told.
import { Caller } from './caller.mjs';

/** A counsellor's telephone that rings, and answers when told. */
export async function telephone(phone, options = {}) {
  const own = await Caller.create(phone.port, { user: 'anna', ...options });
  own.uri = `sip:anna@${own.address.includes(':') ? `[${own.address}]` : own.address}:${own.sip.address().port}`;
  own.on.INVITE = (message) => {
    if (own.seenInvite === message.header('cseq') && own.toTag) return; // a repetition
    own.seenInvite = message.header('cseq');
    own.invited = message;
    own.arrived.push({ rang: true, header: () => undefined });
    if (options.ring !== false) own.reply(message, 180, 'Ringing');
  };
  own.on.CANCEL = (message) => {
    own.reply(message, 200, 'OK');
    own.reply(own.invited, 487, 'Request Terminated');
  };
  own.rings = () => own.next((m) => m.rang, 10);
  own.pickUp = async (description = {}) => {
    const { invited } = own;
    own.remoteRtp = Number(invited.body.match(/m=audio (\d+)/)[1]);
    own.reply(invited, 200, 'OK', '', own.description(description));
    await own.next((m) => m.method === 'ACK');
    own.call = invited.header('call-id');
    own.toTag = invited.header('from').match(/tag=([^;]+)/)[1];
    own.contact = invited.header('contact').match(/<([^>]+)>/)[1];
  };
  // Our tag is in their To: requests of this side swap From and To.
  own.hangUp = async () => {
    own.send(own.request('BYE', { uri: own.contact, seq: own.seq++ })
      .replace(/From: [^\r]+/, `From: ${own.invited.header('to')};tag=${own.tag}`)
      .replace(/To: [^\r]+/, `To: ${own.invited.header('from')}`));
    return own.final('BYE');
  };
  own.modify = async (description) => {
    own.send(own.request('INVITE', { uri: own.contact, seq: own.seq, body: own.description(description), branch: `z9hG4bKm${own.seq}` })
      .replace(/From: [^\r]+/, `From: ${own.invited.header('to')};tag=${own.tag}`)
      .replace(/To: [^\r]+/, `To: ${own.invited.header('from')}`));
    const answer = await own.final('INVITE');
    own.send(own.request('ACK', { uri: own.contact, seq: own.seq++ })
      .replace(/From: [^\r]+/, `From: ${own.invited.header('to')};tag=${own.tag}`)
      .replace(/To: [^\r]+/, `To: ${own.invited.header('from')}`));
    return answer;
  };
  return own;
}
