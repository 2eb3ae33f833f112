// Both sides of a conversation without a browser. Every frame, in both directions, is held against
// the schemas of the protocols; a peer's breach fails the test.
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { PASSWORD, totp } from '../browser/daemon.mjs';

const require = createRequire(new URL('../browser/package.json', import.meta.url));
const Ajv = require('ajv/dist/2020.js');
export const { WebSocket } = require('ws');

const PATHS = { 'onthaal.visitor.1': '/chat', 'onthaal.console.1': '/console/socket' };
const ajv = new Ajv({ strict: true, strictTypes: false, strictRequired: false });
for (const file of ['../../webchat/protocol.schema.json', '../../gateway/console/protocol.schema.json'])
  ajv.addSchema(JSON.parse(readFileSync(new URL(file, import.meta.url), 'utf8')));

/** What is wrong with a frame of this direction ('page' or 'server'); undefined: nothing. */
export function breach(protocol, direction, frame) {
  const check = ajv.getSchema(`${protocol}#/$defs/${direction}`);
  return check(frame) ? undefined : `${JSON.stringify(frame).slice(0, 300)}: ${ajv.errorsText(check.errors)}`;
}

export const breaches = []; // of the whole file's clients; tests assert that it stays empty
export const newId = () => randomBytes(18).toString('base64url');
export const pause = (ms) => new Promise((resolve) => { setTimeout(resolve, ms); });

/** Resolves when the condition gives something true; rejects, saying what was waited for. */
export async function until(condition, what, ms = 60000) {
  const end = Date.now() + ms;
  for (;;) {
    const result = await condition();
    if (result) return result;
    if (Date.now() > end) throw new Error(`waited ${ms} ms for ${what}`);
    await pause(5);
  }
}

/** One websocket: frames in the order they came. */
export class Line {
  constructor(url, protocol, options = {}) {
    this.protocol = protocol;
    this.frames = [];
    this.hooks = [];
    this.answering = options.answering ?? true;
    this.socket = new WebSocket(url.replace(/^http/, 'ws') + PATHS[protocol], protocol, {
      perMessageDeflate: false, headers: options.headers, origin: options.origin ?? url, handshakeTimeout: 30000,
      rejectUnauthorized: options.rejectUnauthorized, servername: options.servername,
    });
    this.opened = new Promise((resolve) => {
      this.socket.on('open', () => resolve(true));
      this.socket.on('error', () => resolve(false));
      this.socket.on('close', () => resolve(false));
    });
    this.closed = new Promise((resolve) => {
      this.socket.on('close', (code) => { this.code = code; resolve(code); });
    });
    this.socket.on('message', (bytes) => this.receive(String(bytes)));
  }

  get up() {
    return this.socket.readyState === WebSocket.OPEN;
  }

  receive(text) {
    const frame = JSON.parse(text);
    if (this.protocol === 'onthaal.visitor.1') {
      const size = Buffer.byteLength(text);
      if (!(size >= 256 && (size <= 32768 ? Number.isInteger(Math.log2(size)) : size % 32768 === 0))) breaches.push(`a frame of ${size} bytes`);
      delete frame.p; // the padding
    }
    const wrong = breach(this.protocol, 'server', frame);
    if (wrong) breaches.push(wrong);
    if (frame.t === 'beat' && this.answering) this.send({ t: 'beat' });
    this.frames.push(frame);
    for (const hook of this.hooks) hook(frame);
  }

  /** false: there is no line. */
  send(frame) {
    const wrong = breach(this.protocol, 'page', frame);
    if (wrong) breaches.push(`sent ${wrong}`);
    return this.raw(JSON.stringify(frame));
  }

  raw(text, options) {
    if (!this.up) return false;
    this.socket.send(text, options);
    return true;
  }

  /** The first frame, come or to come, for which this is true. */
  async wait(check, what = String(check), ms = 20000) {
    return until(() => this.frames.find(check), what, ms);
  }

  drop() {
    this.socket.terminate();
  }
}

/** A visitor as the page is: keeps what was not stored, goes on with the secret, one message at a
 * time. `log` is what the page would show: events by n. */
export class Visitor {
  constructor(daemon, name = 'visitor') {
    Object.assign(this, { daemon, name, startId: newId(), n: 0, log: new Map(), unsent: [], acknowledged: new Map(), trouble: [], faults: [], state: 'new' });
  }

  async connect(options = this.options) {
    const line = new Line(this.options?.url ?? this.daemon.url, 'onthaal.visitor.1', options);
    this.line = line;
    line.hooks.push((frame) => { if (line === this.line) this.receive(frame); });
    if (!await line.opened) return false;
    line.send(this.secret ? { t: 'hello', secret: this.secret, after: this.n } : { t: 'hello', lang: 'nl' });
    return true;
  }

  receive(frame) {
    if (frame.t === 'welcome') this.line.send({ t: 'start', id: this.startId, answers: { who: 'child', lang: 'nl' } });
    if (frame.t === 'started') {
      this.secret = frame.secret;
      if (!this.n) this.event({ n: frame.n, kind: 'opened' }); // started stands for it
    }
    if (frame.t === 'resumed') this.state = frame.state;
    if (frame.t === 'started' || frame.t === 'resumed' || (frame.t === 'trouble' && !frame.on)) this.sending = undefined;
    if (frame.t === 'trouble') this.trouble.push(frame.on);
    if (frame.t === 'events') for (const event of frame.list) this.event(event);
    if (frame.t === 'stored') this.stored(frame.id, frame.n);
    if (frame.t === 'unknown') this.faults.push('the secret became unknown');
    if (frame.t === 'error') this.refused(frame);
    if (this.secret) this.next();
  }

  refused(frame) {
    if (frame.code === 'closed') this.state = 'closed';
    else if (frame.retry) setTimeout(() => { this.sending = undefined; this.next(); }, frame.retry * 1000);
    else this.faults.push(`refused: ${JSON.stringify(frame)}`);
  }

  event(event) {
    const known = this.log.get(event.n); // our own word, known from its `stored`
    if (known && known.id !== event.id) this.faults.push(`${event.n} is ${event.kind}, and was ${known.kind}`);
    if (event.n <= this.n) this.faults.push(`event ${event.n} came after ${this.n}`);
    for (let missing = this.n + 1; missing < event.n; missing++)
      if (!this.log.has(missing)) this.faults.push(`event ${missing} is missing before ${event.n}`);
    this.n = event.n;
    this.log.set(event.n, event);
    if (event.kind === 'taken') this.state = 'taken';
    if (event.kind === 'opened' || event.kind === 'returned' || event.kind === 'reopened') this.state = 'waiting';
    if (event.kind === 'closed') this.state = 'closed';
    if (event.from === 'me') this.stored(event.id, event.n);
  }

  stored(id, n) {
    const known = this.acknowledged.get(id);
    if (known !== undefined && known !== n) this.faults.push(`message ${id} is ${known} and ${n}`);
    const message = this.unsent.find((each) => each.id === id);
    if (!message && known === undefined) return; // that of a `leave`
    this.acknowledged.set(id, n);
    if (message && !this.log.has(n)) this.log.set(n, { n, kind: 'message', from: 'me', id, text: message.text });
    this.unsent = this.unsent.filter((each) => each.id !== id);
    if (this.sending === id) this.sending = undefined;
  }

  next() {
    const [message] = this.unsent;
    if (!message || this.sending || this.over) return;
    if (this.line.send({ t: 'say', id: message.id, text: message.text })) this.sending = message.id;
  }

  say(text) {
    const id = newId();
    this.unsent.push({ id, text });
    if (this.secret) this.next();
    return id;
  }

  async start(options) {
    await this.connect(options);
    await until(() => this.secret, `${this.name} to be started`);
    return this;
  }

  async reconnect() {
    this.line?.drop();
    this.sending = undefined;
    return this.connect();
  }

  get over() {
    return this.state === 'closed';
  }

  texts(from) {
    return [...this.log.values()].sort((a, b) => a.n - b.n).filter((event) => event.from === from).map((event) => event.text);
  }
}

/** A counsellor's window. `contacts`: those in hand, each with its events by seq. */
export class Counsellor {
  constructor(daemon, name) {
    Object.assign(this, { daemon, name, contacts: new Map(), cards: new Map(), pending: new Map(), lost: [], alarms: [], faults: [], trouble: [] });
  }

  async connect(options = this.options) {
    const line = new Line(this.options?.url ?? this.daemon.url, 'onthaal.console.1', options);
    this.line = line;
    line.hooks.push((frame) => { if (line === this.line) this.receive(frame); });
    return line.opened;
  }

  receive(frame) {
    if (frame.t === 'ok' || frame.t === 'no') {
      this.pending.get(frame.id)?.(frame);
      this.pending.delete(frame.id);
    }
    if (frame.t === 'queue') {
      if (frame.whole) this.cards.clear();
      for (const card of frame.put ?? []) this.cards.set(card.id, card);
      for (const id of frame.drop ?? []) this.cards.delete(id);
    }
    if (frame.t === 'contact') this.gained(frame);
    if (frame.t === 'events') for (const event of frame.list) this.event(event);
    if (frame.t === 'lost') {
      this.lost.push(frame);
      this.contacts.delete(frame.contact);
    }
    if (frame.t === 'desk') this.contacts.clear(); // those that are still ours follow
    if (frame.t === 'alarm') this.alarms.push(frame);
    if (frame.t === 'trouble') this.trouble.push(frame.on);
  }

  gained(frame) {
    if (frame.contact.owner !== this.me?.id) return; // only looked at
    frame.events.forEach((event, i) => {
      if (event.seq !== i + 1) this.faults.push(`contact ${frame.contact.id} has ${event.seq} as number ${i + 1}`);
    });
    this.contacts.set(frame.contact.id, frame.events);
  }

  event(event) {
    const events = this.contacts.get(event.contact);
    if (!events) return this.faults.push(`an event of ${event.contact}, which is not ours`);
    if (event.seq !== events.length + 1) this.faults.push(`${event.contact}: ${event.seq} after ${events.length}`);
    return events.push(event);
  }

  /** The answer, ok or no; undefined when the line was lost before. */
  request(t, keys = {}, id = newId()) {
    return new Promise((resolve) => {
      const { line } = this;
      this.pending.set(id, resolve);
      line.closed.then(() => { this.pending.delete(id); resolve(undefined); });
      if (!line.send({ t, id, ...keys })) resolve(undefined);
    });
  }

  /** From an invitation to being on duty. */
  async signUp(role, telephone) {
    const token = this.daemon.invite(this.name.toLowerCase(), this.name, role);
    if (telephone) this.daemon.command('staff', 'telephone', this.name.toLowerCase(), telephone);
    await this.connect();
    const invited = await this.request('invite', { token });
    this.secret = invited.secret;
    const accepted = await this.request('accept', { token, password: PASSWORD, code: totp(invited.secret) });
    if (accepted.t !== 'ok') throw new Error(JSON.stringify(accepted));
    return this.signedIn(accepted);
  }

  async signedIn(answer) {
    this.me = answer.me;
    this.session = answer.session ?? this.session;
    await this.line.wait((frame) => frame.t === 'queue' && frame.whole, 'the queue');
    await this.request('duty', { duty: 'on' });
    return this;
  }

  async resume() {
    this.line?.drop();
    if (!await this.connect()) return false;
    const answer = await this.request('resume', { session: this.session });
    if (answer?.t !== 'ok') return false;
    await this.signedIn(answer);
    return true;
  }
}
