// A host elsewhere, run in a network of its own: node foreign.mjs PORT TLSPORT CA. Tells what it got as JSON.
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { authorize, Caller, parse } from './caller.mjs';

const [port, tlsPort, ca] = process.argv.slice(2);
const HOST = '192.0.2.1';
const softphone = await Caller.create(Number(port), { address: '192.0.2.2', to: HOST, user: 'anna' });
const register = (transport, more = '', seq = 1) => softphone.request('REGISTER', { uri: `sip:${HOST}`, call: transport, seq,
  branch: `z9hG4bK${transport}${seq}`, headers: more }).replace('SIP/2.0/UDP', `SIP/2.0/${transport}`).replace(/To: [^\r]+/, `To: <sip:anna@${HOST}>`);

/** What comes on a connection after a request; '' when it is cut or silent. */
const over = (socket, text) => new Promise((resolve) => {
  const timer = setTimeout(() => resolve(''), 3000);
  const done = (answer) => { clearTimeout(timer); resolve(answer); };
  socket.once('data', (bytes) => done(bytes));
  socket.once('close', () => done(''));
  socket.write(text);
});
const first = (bytes) => (bytes ? parse(bytes).first : '');

const said = { udp: (await softphone.ask('REGISTER', { uri: `sip:${HOST}` }, 2000)).first };
said.invite = (await softphone.ask('INVITE', { body: softphone.description() }, 1000)).status;
const plain = connect(port, HOST);
said.tcp = first(await over(plain, register('TCP')));
plain.destroy();
const secure = connectTls({ host: HOST, port: tlsPort, ca: readFileSync(ca) });
await new Promise((resolve, reject) => { secure.once('secureConnect', resolve).once('error', reject); });
const asked = await over(secure, register('TLS'));
said.asked = first(asked);
said.tls = first(await over(secure, register('TLS', authorize(parse(asked).header('www-authenticate'),
  { method: 'REGISTER', uri: `sip:${HOST}`, user: 'anna', password: 'lang-genoeg' }), 2)));
// Rung over the connection that it opened.
said.rung = parse(await new Promise((resolve) => { secure.once('data', resolve); console.log('registered'); })).first;
console.log(JSON.stringify(said));
process.exit(0);
