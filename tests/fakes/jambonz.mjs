// A stand-in for jambonz: JSON hooks out, verbs in, REST. Every array of verbs is held against both of
// its published validators, of which each accepts something that the other refuses.
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { createRequire } from 'node:module';
import { once } from 'node:events';
import { WebSocket } from '../scenario/client.mjs';
import { Platform, promptOf, said } from './platform.mjs';

const require = createRequire(new URL('../ivr/package.json', import.meta.url));
const schema = require('@jambonz/schema');
const specifications = require('@jambonz/verb-specifications');
const logger = { info() {}, debug() {}, error() {} };

export function readVerbs(bytes) {
  const verbs = JSON.parse(bytes);
  if (verbs.length) schema.validate(logger, structuredClone(verbs));
  specifications.validate(logger, structuredClone(verbs));
  return verbs;
}

/** The first hook of a call carries the whole INVITE: the caller's number in many places. */
const invite = (from) => `INVITE sip:+3220000000@sbc.invalid SIP/2.0\r\nFrom: <sip:${from}@carrier.invalid>;tag=1\r\nP-Asserted-Identity: <tel:${from}>\r\nRemote-Party-ID: <sip:${from}@carrier.invalid>\r\nContact: <sip:${from}@192.0.2.1>\r\n\r\n`;

export class Jambonz extends Platform {
  recordings = new Map();

  configuration() {
    return `    - {name: ${this.line}, kind: jambonz, account: acc1, secrets: [old secret, ${this.secret}], password: rest secret, application: app1, api_url: "${this.api}"}\n`;
  }

  nameOf(n) {
    return `0a1b2c3d-0000-4000-8000-${String(n).padStart(12, '0')}`;
  }

  get root() {
    return `${this.publicUrl}/ivr/${this.line}`;
  }

  async hook(url, fields) {
    const body = JSON.stringify(fields);
    const time = Math.floor(Date.now() / 1000);
    const signature = `t=${time},v1=${createHmac('sha256', this.secret).update(`${time}.${body}`).digest('hex')}`;
    const answer = await this.post(url, body, { 'content-type': 'application/json', 'jambonz-signature': signature });
    assert.ok(answer.status < 400, `${url} answered ${answer.status}: ${answer.bytes}`);
    return answer;
  }

  fields(call, more = {}) {
    return {
      call_sid: call.id, account_sid: 'acc1', application_sid: 'app1', direction: call.incoming ? 'inbound' : 'outbound',
      from: call.from, to: '+3220000000', call_status: 'in-progress', sip_status: 200, caller_name: `"${call.from}" é`, ...more,
    };
  }

  async ask(call, url, more) {
    const asked = call.begin();
    const { bytes, type } = await this.hook(url, this.fields(call, more));
    assert.match(type, /^application\/json/);
    if (call.current(asked)) await this.run(call, bytes);
  }

  sounds(verb) {
    if (verb?.url) return [verb.url].flat().map(promptOf);
    return verb ? [verb.text] : [];
  }

  async run(call, bytes) {
    call.documents.push(bytes);
    call.waits = { kind: 'over' };
    for (const verb of readVerbs(bytes)) {
      if (verb.verb === 'play' || verb.verb === 'say') call.heard.push(...this.sounds(verb));
      if (verb.verb === 'gather') {
        const sounds = this.sounds(verb.play ?? verb.say);
        const segment = sounds.find((sound) => sound.startsWith('any/'));
        call.heard.push(...sounds.filter((sound) => sound !== segment));
        call.waits = { kind: segment ? 'hold' : verb.maxDigits > 1 ? 'collect' : 'menu', most: verb.maxDigits ?? verb.numDigits, finish: verb.finishOnKey ?? '', seconds: verb.timeout, segment, action: verb.actionHook.url };
        return undefined;
      }
      if (verb.verb === 'dial') {
        const [target] = verb.target;
        call.waits = { kind: 'connect', target: target.number ?? target.sipUri ?? target.name, cli: verb.callerId ?? '', seconds: verb.timeout, action: verb.actionHook.url, url: verb.confirmHook?.url, leg: 'ringing' };
        return undefined;
      }
      if (verb.verb === 'listen') {
        assert.equal(verb.playBeep, true);
        call.waits = { kind: 'record', most: verb.maxLength, finish: verb.finishOnKey, action: verb.actionHook.url, listen: verb };
        return undefined;
      }
      if (verb.verb === 'hangup' || verb.verb === 'sip:decline') break;
    }
    return this.status(call);
  }

  begin(call) {
    return this.ask(call, call.firstUrl ?? this.root, { call_status: call.incoming ? 'trying' : 'in-progress', sip: { raw: invite(call.from), headers: { from: `<sip:${call.from}@carrier.invalid>` } } });
  }

  keys(call, keys) {
    return this.ask(call, call.waits.action, { digits: keys, reason: 'dtmfDetected' });
  }

  timeout(call) {
    if (call.waits.kind === 'record') return this.unsaid(call);
    return this.ask(call, call.waits.action, { reason: 'timeout' });
  }

  /** mod_audio_fork: HTTP Basic, one text about the call, then sound in frames that are not text. */
  async stream(call, { listen: { url, wsAuth, sampleRate = 8000, mixType = 'mono' } } = call.waits, hello = {}, before = undefined) {
    assert.equal(url.split('/ivr/')[0], this.publicUrl.replace(/^http/, 'ws'));
    assert.ok(Buffer.byteLength(`${wsAuth.username}:${wsAuth.password}`) <= 90, 'it has no room for more');
    const subprotocol = this.streams++ % 2 ? 'audio.jambonz.org' : 'audio.drachtio.org';
    const socket = new WebSocket(url.replace(this.publicUrl.replace(/^http/, 'ws'), this.url.replace(/^http/, 'ws')), subprotocol, {
      origin: 'http://phone.invalid', perMessageDeflate: false, handshakeTimeout: 20000,
      headers: { authorization: `Basic ${Buffer.from(`${wsAuth.username}:${wsAuth.password}`).toString('base64')}` },
    });
    socket.ended = new Promise((resolve) => { socket.on('close', (code) => resolve(code)); });
    await once(socket, 'open');
    if (before) socket.before = await before();
    socket.send(JSON.stringify({
      sampleRate, mixType, callSid: call.id, direction: 'inbound', from: call.from, to: '+3220000000', callId: 'sip-call-id', sipStatus: 200, sipReason: 'OK',
      callStatus: 'in-progress', callerId: call.from, accountSid: 'acc1', traceId: '1', applicationSid: 'app1', fsSipAddress: '192.0.2.1:5060', ...hello,
    }));
    return socket;
  }

  streams = 0;

  speak(socket, samples) {
    const bytes = Buffer.from(samples.buffer, samples.byteOffset, samples.byteLength);
    for (let at = 0; at < bytes.length; at += 640) socket.send(bytes.subarray(at, at + 640));
  }

  async recorded(call, seconds) {
    const { action } = call.waits;
    const recording = said(seconds);
    this.recordings.set(call.id, recording);
    const socket = await this.stream(call);
    this.speak(socket, recording.samples);
    socket.close(1000); // and does not wait for it
    return this.ask(call, action, { digits: '#', dial_call_duration: seconds });
  }

  /** Speaks, and hangs up: its hook is told of it as well, in whatever order. */
  async saidAndGone(call, seconds) {
    const { action } = call.waits;
    const recording = said(seconds);
    this.recordings.set(call.id, recording);
    const socket = await this.stream(call);
    this.speak(socket, recording.samples);
    socket.close(1000);
    call.waits = { kind: 'over' };
    call.left = true;
    const over = this.fields(call, { call_status: 'completed', dial_call_duration: seconds });
    await Promise.all([this.hook(action, over), this.hook(`${this.root}/s`, over)]);
  }

  /** Nobody speaks: it streams quiet until we have had enough. */
  async unsaid(call) {
    const { action } = call.waits;
    const socket = await this.stream(call);
    this.speak(socket, new Int16Array(11 * 8000));
    assert.equal(await socket.ended, 1000);
    return this.ask(call, action, { dial_call_duration: 11 });
  }

  async forgets(world, id) {
    if (await world.metric('recordings_waiting') === 0) this.recordings.delete(id);
  }

  async status(call) {
    call.waits = { ...call.waits, kind: 'over' };
    await this.hook(`${this.root}/s`, this.fields(call, { call_status: 'completed', call_termination_by: 'caller' }));
  }

  /** No final event for the counsellor's leg comes when the caller quits while it rings. */
  gone(call) {
    return this.status(call);
  }

  async dropped(call, status) {
    await this.ask(call, call.waits.action, { dial_call_status: status, dial_call_sid: 'b-leg', dial_sip_status: status === 'busy' ? 486 : 200 });
  }

  async leg(call, what) {
    if (what !== 'answer') return this.dropped(call, what);
    if (call.waits.url) return this.legAsk(call, call.waits.url, {});
    call.waits.leg = 'joined';
    return undefined;
  }

  async legAsk(call, url, more) {
    const { bytes } = await this.hook(url, this.fields(call, { call_sid: `${call.id.slice(0, -1)}b`, direction: 'outbound', from: '+3220000000', ...more }));
    const [verb] = readVerbs(bytes);
    if (call.waits.kind !== 'connect') return;
    if (!verb) {
      call.waits.leg = 'joined';
    } else if (verb.verb === 'gather') {
      call.waits.leg = 'asked';
      call.waits.legAction = verb.actionHook.url;
      call.legHeard = this.sounds(verb.play ?? verb.say);
    } else {
      assert.equal(verb.verb, 'hangup');
      await this.dropped(call, 'completed');
    }
  }

  legKeys(call, keys) {
    return this.legAsk(call, call.waits.legAction, keys ? { digits: keys, reason: 'dtmfDetected' } : { reason: 'timeout' });
  }

  legGone(call) {
    assert.equal(call.waits.leg, 'joined');
    return this.dropped(call, 'completed');
  }

  async onRest({ method, path, headers, body }) {
    assert.equal(headers.authorization, 'Bearer rest secret');
    const asked = body ? JSON.parse(body) : {};
    if (method === 'POST' && path === '/v1/Accounts/acc1/Calls') {
      assert.equal(asked.application_sid, 'app1');
      const call = this.call({ from: asked.from, to: asked.to.number ?? asked.to.sipUri, incoming: false });
      call.firstUrl = asked.call_hook.url;
      this.origins.push(call);
      return { status: 201, json: { sid: call.id } };
    }
    const call = this.calls.get(path.match(/^\/v1\/Accounts\/acc1\/Calls\/([^/]+)$/)?.[1]);
    if (!call) return { status: 404, json: {} };
    if (call.waits.kind === 'over') return { status: 422, json: { msg: 'the session is gone' } };
    // 202 is answered before it is done
    if (asked.call_hook) this.soon(async () => { if (call.waits.kind !== 'over') await this.ask(call, asked.call_hook.url); });
    if (asked.call_status === 'completed') this.soon(async () => { if (call.waits.kind !== 'over') await this.status(call); });
    return method === 'GET' ? { json: { call_status: 'in-progress' } } : { status: 202, json: {} };
  }
}
