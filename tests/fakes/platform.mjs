// What every telephony platform has in common: calls that do what we answer, and the accidents of
// networks. A platform of its own kind says how a request is made and how an answer is read; see
// twilio.mjs for the least of it. Nothing here waits for real time: the test says when a sound is over.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { until } from '../scenario/client.mjs';
import { decode } from '../sip/sound.mjs';
import { wav } from './wav.mjs';

/** A short silence for every prompt, so that what is heard has a name. */
export function recordPrompts(daemon) {
  const silence = wav(new Int16Array(800));
  const folder = join(daemon.folder, 'recorded');
  for (const line of daemon.command('prompts', 'list').split('\n')) {
    const [, lang, id] = line.match(/^(?:missing|recorded|made)\s+(\S+)\s+(\S+)/) ?? [];
    if (!id) continue;
    mkdirSync(join(folder, lang), { recursive: true });
    writeFileSync(join(folder, lang, `${id}.wav`), silence);
  }
}

/** "…/ivr/prompts/nl/greeting.1a2b3c4d.wav" → "nl/greeting" */
export const promptOf = (url) => url.match(/\/ivr\/prompts\/(\S+)\.[0-9a-f]{8}\.wav$/)?.[1] ?? url;

/** What somebody says: noise, so that any part of it is found nowhere by chance; and how it is to be played,
 * whoever brought it at whatever rate: A-law at 8 kHz. */
export function said(seconds, rate = 8000) {
  const alaw = randomBytes(Math.round(seconds * 8000)), heard = Int16Array.from(alaw, (byte) => decode[8](byte));
  const samples = rate === 8000 ? heard : Int16Array.from({ length: Math.round(seconds * rate) }, (_, i) => heard[Math.floor(i * 8000 / rate)]);
  return { samples, bytes: wav(samples, rate), alaw, like: (whole) => whole.subarray(0, 4).toString() === 'RIFF' && whole.subarray(58).equals(alaw) };
}

let serial = 0;

export class Platform {
  /** options: url (of the daemon), line (its name), secret, account; faults: see fault(). */
  constructor(options) {
    Object.assign(this, { faults: {}, trouble: [], late: [], calls: new Map(), rest: [], origins: [], answers: 0 }, options);
  }

  interrupts = true;

  /** The REST side; its address goes into the daemon's configuration before it starts. */
  async listen() {
    this.server = createServer((request, response) => {
      let body = '';
      request.on('data', (bytes) => { body += bytes; });
      request.on('end', async () => {
        const asked = { method: request.method, path: request.url, headers: request.headers, body };
        this.rest.push(asked);
        const { status = 200, json = {}, bytes, type = 'application/json' } = await this.onRest(asked) ?? {};
        response.writeHead(status, { 'content-type': type });
        response.end(status === 204 ? undefined : bytes ?? JSON.stringify(json));
      });
    });
    await new Promise((resolve) => { this.server.listen(0, '127.0.0.1', resolve); });
    this.api = `http://127.0.0.1:${this.server.address().port}`;
    return this;
  }

  close() {
    this.server?.closeAllConnections?.();
    this.server?.close();
  }

  /** One POST with the accidents asked for: `double` (twice, the bytes must be the same), `lose` (the
   * first answer never arrives, so it is asked again). */
  async post(url, body, headers) {
    const target = url.replace(this.publicUrl, this.url);
    const once = async () => {
      const response = await fetch(target, { method: 'POST', body, headers, redirect: 'manual' });
      return { status: response.status, type: response.headers.get('content-type') ?? '', bytes: await response.text() };
    };
    const first = await once();
    this.answers += 1;
    if (this.faults.double || this.faults.lose) {
      const second = await once();
      assert.equal(second.status, first.status);
      assert.equal(second.bytes, first.bytes, 'a retried webhook gets the identical bytes');
      return second;
    }
    return first;
  }

  /** What a REST request sets going, on its own time; with `lateInterrupt`, when the test says so. */
  soon(work) {
    if (this.faults.lateInterrupt) this.late.push(work);
    else setImmediate(() => work().catch((error) => this.trouble.push(error)));
  }

  async interruptNow() {
    await until(() => this.late.length, 'the interrupt');
    for (const work of this.late.splice(0)) await work();
  }

  call(options = {}) {
    serial += 1;
    const call = new Call(this, this.nameOf(serial), options);
    this.calls.set(call.id, call);
    return call;
  }
}

/** One line. `heard`: prompts in order; `waits`: what it does now, in neutral words:
 * {kind: menu|collect|hold|connect|record|over, most, seconds, finish, segment, target, cli, accept} */
export class Call {
  constructor(platform, id, { from = '+32470009999', incoming = true, to = '' } = {}) {
    Object.assign(this, { platform, id, from, incoming, to, heard: [], waits: { kind: 'new' }, documents: [] });
  }

  get since() { // what was heard since one asked the last time
    const fresh = this.heard.slice(this.mark ?? 0);
    this.mark = this.heard.length;
    return fresh;
  }

  /** A newer request makes the answer to an older one worthless: a redirect aborts what is done. */
  begin() {
    this.asking = (this.asking ?? 0) + 1;
    this.busy = true;
    return this.asking;
  }

  current(asked) {
    if (asked !== this.asking) return false;
    this.busy = false;
    return this.waits.kind !== 'over' || this.waits.rejected !== undefined || !this.left;
  }

  async start() {
    await this.platform.begin(this);
    return this;
  }

  async press(keys) {
    const { kind } = this.waits;
    assert.ok(['menu', 'collect', 'hold'].includes(kind), `keys in ${kind}`);
    await this.platform.keys(this, keys);
    return this;
  }

  /** Time runs out: no key came, or the sound is over. */
  async wait() {
    assert.ok(['menu', 'collect', 'hold', 'record'].includes(this.waits.kind), `time in ${this.waits.kind}`);
    await this.platform.timeout(this);
    return this;
  }

  async record(seconds = 12) {
    assert.equal(this.waits.kind, 'record');
    await this.platform.recorded(this, seconds);
    return this;
  }

  /** Speaks, and leaves without ending it by a key. */
  async sayAndHangup(seconds = 3) {
    assert.equal(this.waits.kind, 'record');
    await this.platform.saidAndGone(this, seconds);
    return this;
  }

  /** The caller leaves, wherever it is. */
  async hangup() {
    const was = this.waits;
    this.left = true;
    this.waits = { kind: 'over' };
    await this.platform.gone(this, was);
    return this;
  }

  /** The counsellor's telephone: 'busy', 'no-answer', 'failed'; or it is answered. */
  async leg(what) {
    assert.equal(this.waits.kind, 'connect');
    await this.platform.leg(this, what);
    return this;
  }

  async legPress(keys) {
    await this.platform.legKeys(this, keys);
    return this;
  }

  /** Two who talk: the counsellor's side ends. */
  async legHangup() {
    await this.platform.legGone(this);
    return this;
  }
}
