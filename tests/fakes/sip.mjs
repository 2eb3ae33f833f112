// Callers and a provider by SIP, for the scenarios that every line must master. Here nobody tells what a
// line does: it is known from its sound alone. Every prompt has frames that no other has, every voice too.
import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { until } from '../scenario/client.mjs';
import { Caller, parse } from '../sip/caller.mjs';
import { decode, share, spoken } from '../sip/sound.mjs';
import { telephone } from '../sip/telephone.mjs';
import { wav } from './wav.mjs';

const FRAME = 160, FRAMES = 5, SETTLED = 3;
const SILENCE = Buffer.alloc(FRAME, 0xd5).toString('latin1');

const portOf = (message) => Number(message.header('via').match(/:(\d+)/)[1]);

let seed = 1;
/** 20 ms that nobody else says. */
function frame() {
  return Buffer.from(Uint8Array.from({ length: FRAME }, () => {
    seed = Math.imul(seed, 1103515245) + 12345 >>> 0;
    return seed >>> 16 & 255;
  }));
}

/** What is heard at one end of a line. */
class Ear {
  constructor(platform, end, changed) {
    Object.assign(this, { platform, heard: [], begun: 0, last: 'nothing', same: 0, silent: 0, voices: new Set() });
    end.onPacket = (bytes) => {
      if ((bytes[1] & 127) !== 8 || bytes.length !== 12 + FRAME) return;
      this.take(bytes.subarray(12));
      changed();
    };
  }

  take(payload) {
    const text = payload.toString('latin1');
    if (text === SILENCE) {
      this.silent += 1;
      return;
    }
    const sound = this.platform.sounds.get(text) ?? { id: this.tone(payload) };
    this.same = sound.id === this.last ? this.same + 1 : 1;
    this.silent = 0;
    this.last = sound.id;
    if (sound.id.startsWith('voice:')) this.voices.add(sound.id);
    if (sound.at === 0) this.begun += 1;
    if (sound.at === FRAMES - 1) this.heard.push(sound.id);
  }

  tone(payload) {
    const samples = [...payload].map((byte) => decode[8](byte));
    if (share(samples, 425) > 0.7) return 'ringing';
    return share(samples, 1400) > 0.7 || this.last === 'beep' /* its end fades */ ? 'beep' : 'noise';
  }

  get prompt() { // the last sound was one, to its end
    return this.platform.prompts.has(this.last) && this.silent >= SETTLED;
  }
}

class Call {
  constructor(platform, id, { from = '+32470009999', hasty = false } = {}) {
    Object.assign(this, { platform, id, from, hasty, incoming: true, waits: { kind: 'new' }, mark: 0 });
  }

  get heard() {
    return this.ear?.heard ?? [];
  }

  get since() {
    const fresh = this.heard.slice(this.mark);
    this.mark = this.heard.length;
    return fresh;
  }

  voice(end) {
    const payload = frame();
    const id = `voice:${this.id}:${end.sip.address().port}`;
    this.platform.sounds.set(payload.toString('latin1'), { id });
    if (end === this.end) this.payload = payload;
    this.platform.speaking.set(end, payload);
    return id;
  }

  /** Every packet may change what it waits for. */
  hear = () => {
    if (this.left || this.waits.kind === 'over') return;
    const { ear } = this;
    const { peer } = this;
    if (peer && ear.last === peer.voice && peer.ear.voices.has(this.own)) this.waits = { ...peer.waits, leg: 'joined' };
    else if (peer && ear.last === 'ringing') this.waits = { ...peer.waits, leg: peer.asked ? 'asked' : 'ringing' };
    else if (ear.last === 'any/hold' && ear.same >= SETTLED) this.waits = { kind: 'hold', segment: ear.last };
    else if (ear.last === 'beep') this.listened();
    else if (ear.prompt || (this.hasty && this.platform.prompts.has(ear.last))) this.waits = { kind: this.named(ear.last) };
    else this.waits = { kind: 'busy' };
  };

  /** The tone: a caller who has something to say begins in their own time. */
  listened() {
    if (this.ear.same === 1) this.platform.speaking.set(this.end, Buffer.from(SILENCE, 'latin1'));
    this.waits = this.ear.silent >= SETTLED ? { kind: 'record', most: 180 } : { kind: 'busy' };
  }

  /** What a caller expects after these words. */
  named(id) {
    if (id.endsWith('/callback-number')) return 'collect';
    if (/\/(callback-done|voicemail-done|closed-end|closed-danger)$/.test(id)) return 'busy'; // it will hang up
    return id.endsWith('/queue') || id.includes('/place') ? 'hold' : 'menu';
  }

  async settle(check, what) {
    await until(() => this.waits.kind === 'over' || (this.waits.kind !== 'busy' && check()), what);
  }

  /** The next words, to their end; a hasty caller does not wait for that. */
  async words(act) {
    const before = this.ear.begun;
    await act();
    await this.settle(() => this.ear.begun > before, 'the next words');
  }

  async start() {
    if (!this.incoming) {
      this.ear = new Ear(this.platform, this.end, this.hear);
      await this.words(() => this.end.pickUp());
    } else {
      this.end = await Caller.create(this.platform.port, { user: this.from });
      this.end.on.BYE = (message) => { this.end.reply(message, 200, 'OK'); this.over(); };
      this.ear = new Ear(this.platform, this.end, this.hear);
      await this.words(async () => {
        const answer = await this.end.invite();
        if (answer.status >= 300) this.over();
      });
    }
    if (this.waits.kind !== 'over') this.own = this.voice(this.end);
    return this;
  }

  over() {
    this.waits = { kind: 'over' };
    this.platform.speaking.delete(this.end);
  }

  async press(keys) {
    const { kind } = this.waits;
    assert.ok(['menu', 'collect', 'hold'].includes(kind), `keys in ${kind}`);
    if (this.incoming) {
      await this.words(() => this.end.press(kind === 'collect' && keys.length > 1 ? `${keys}#` : keys));
    } else { // "press 1" of a callback: the other telephone rings
      await this.end.press(keys);
      await this.settle(() => this.waits.kind === 'connect', 'the other telephone to ring');
    }
    return this;
  }

  async wait() {
    assert.ok(['menu', 'collect', 'hold', 'record'].includes(this.waits.kind), `time in ${this.waits.kind}`);
    const before = this.ear.begun;
    if (this.waits.kind === 'hold') {
      const end = Date.now() + 300;
      await until(() => this.ear.begun > before || this.waits.kind !== 'hold' || Date.now() > end, 'a moment');
      await this.settle(() => true, 'the line to wait');
    } else {
      await this.words(() => undefined);
    }
    return this;
  }

  /** Something is said, as long as one has patience for in a test. */
  async record() {
    const { payload } = this, said = Buffer.from(payload);
    assert.equal(this.waits.kind, 'record');
    const before = this.end.rtpSeq;
    this.platform.speaking.set(this.end, payload);
    await new Promise((resolve) => { setTimeout(resolve, 1200); });
    const sent = this.end.rtpSeq - before;
    this.platform.recordings.set(this.id, { like: (bytes) => {
      const sound = spoken(bytes), own = [...said].map((byte) => decode[8](byte));
      const parts = Array.from({ length: Math.ceil(sound.length / FRAME) }, (_, i) => sound.slice(i * FRAME, i * FRAME + FRAME));
      assert.equal(parts.filter((part) => part.every((value, i) => value === own[i])).length, sent, 'frames as they were spoken');
      return parts.length < sent + 110; // quiet before it, and a second after
    } });
    this.platform.speaking.set(this.end, Buffer.from(SILENCE, 'latin1'));
    await this.words(() => this.end.press('#'));
    return this;
  }

  async hangup() {
    const { peer } = this;
    if (peer && !peer.over && this.waits.leg !== 'joined') peer.slow = true; // it may still answer
    this.left = true;
    if (this.incoming) await this.end.bye();
    else if (this.ear) await this.end.hangUp();
    else this.end.reply(this.end.invited, 480, 'Temporarily Unavailable');
    this.over();
    return this;
  }

  async leg(what) {
    const { peer } = this;
    const refusals = { busy: [486, 'Busy Here'], 'no-answer': [480, 'Temporarily Unavailable'], failed: [500, 'Server Error'] };
    assert.equal(this.waits.kind, 'connect');
    if (refusals[what]) {
      const refuse = () => peer.end.reply(peer.end.invited, ...refusals[what]);
      if (this.incoming) {
        await this.words(refuse);
      } else {
        refuse();
        await this.settle(() => false, 'the line to end');
      }
      return this;
    }
    await peer.end.pickUp();
    peer.voice = this.voice(peer.end);
    if (this.left) { // too late: taken down again
      await peer.end.next((message) => message.method === 'BYE');
      this.waits = { ...this.waits, leg: 'dropped' };
      return this;
    }
    await until(() => peer.ear.heard.length || this.waits.leg === 'joined', 'the question');
    peer.asked = peer.ear.heard.length > 0;
    this.legHeard = peer.ear.heard;
    this.hear();
    return this;
  }

  /** '': nobody presses anything. */
  async legPress(keys) {
    const { peer, ear: { begun } } = this;
    const asked = peer.ear.heard.length;
    if (keys) await peer.end.press(keys);
    await until(() => this.waits.leg === 'joined' || peer.over || peer.ear.heard.length > asked, 'what came of the key');
    if (peer.over) await this.settle(() => this.ear.begun > begun, 'the words after it');
    return this;
  }

  async legHangup() {
    assert.equal(this.waits.leg, 'joined');
    await this.peer.end.hangUp();
    this.platform.speaking.delete(this.peer.end);
    this.peer = undefined;
    await this.settle(() => this.waits.kind === 'hold', 'the line to be held');
    return this;
  }
}

export class Sip {
  constructor(options) {
    Object.assign(this, { faults: {}, trouble: [], late: [], interrupts: false, calls: new Map(), origins: [], sounds: new Map(), prompts: new Set(), speaking: new Map(),
      ends: new Map(), recordings: new Map(), count: 0 }, options);
  }

  async listen() {
    this.trunk = createSocket('udp4');
    await new Promise((resolve) => { this.trunk.bind(0, '127.0.0.1', resolve); });
    this.trunk.on('message', (bytes) => this.onTrunk(bytes));
    this.clock = setInterval(() => {
      for (const [end, payload] of this.speaking) {
        end.packet(8, payload);
        end.rtpTime += FRAME;
      }
    }, 20);
    return this;
  }

  /** The shipped script, but that it tells the place sooner. */
  section(folder) {
    const script = readFileSync(fileURLToPath(new URL('../../config/ivr.yaml', import.meta.url)), 'utf8');
    writeFileSync(join(folder, 'ivr.yaml'), script.replace(/^hold_seconds: \d+/m, 'hold_seconds: 5'));
    return `  script: ivr.yaml\nsip:\n  address: 127.0.0.1\n  port: 0\n  trunks:\n    - {name: provider, domain: provider.test, user: "3220000000",`
      + ` password: geheim-genoeg, transport: udp, servers: ["127.0.0.1:${this.trunk.address().port}"]}\n`;
  }

  recordPrompts(daemon) {
    for (const line of daemon.command('prompts', 'list').split('\n')) {
      const [, lang, name] = line.match(/^(?:missing|recorded|made)\s+(\S+)\s+(\S+)/) ?? [];
      if (!name) continue;
      const id = `${lang}/${name}`, frames = Array.from({ length: FRAMES }, frame);
      const path = join(daemon.folder, 'recorded', `${id}.wav`);
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, wav(Int16Array.from(Buffer.concat(frames), (byte) => decode[8](byte))));
      if (lang !== 'any') this.prompts.add(id);
      frames.forEach((bytes, at) => this.sounds.set(bytes.toString('latin1'), lang === 'any' ? { id } : { id, at }));
    }
  }

  async started(daemon) {
    this.port = Number(await until(() => daemon.said.match(/telephone {7}sip:intake@127\.0\.0\.1:(\d+)/)?.[1], 'its address'));
    await until(() => daemon.log.includes('msg="trunk registered"'), 'the trunk');
  }

  /** Its copy of a message, once the desk has it. */
  async forgets(world, id) {
    if (await world.metric('sip_messages_in_memory') === 0) this.recordings.delete(id);
  }

  close() {
    clearInterval(this.clock);
    this.trunk.close();
    for (const call of this.calls.values()) if (call.incoming) call.end?.close();
    for (const end of this.ends.values()) end.then((one) => one.close());
  }

  call(options = {}) {
    const call = new Call(this, `call ${this.count += 1}`, options);
    this.calls.set(call.id, call);
    return call;
  }

  onTrunk(bytes) {
    const message = parse(bytes);
    if (message.method === 'REGISTER') {
      this.answer(message);
      return;
    }
    const name = message.header('call-id');
    if (!this.ends.has(name) && message.method !== 'INVITE') return;
    if (!this.ends.has(name)) this.ends.set(name, this.ring(message));
    this.ends.get(name).then((end) => end.onMessage(bytes));
  }

  answer(message) {
    const copy = ['via', 'from', 'to', 'call-id', 'cseq', 'contact'].map((key) => `${key}: ${message.header(key)}\r\n`).join('');
    this.trunk.send(`SIP/2.0 200 OK\r\n${copy}Expires: 600\r\nContent-Length: 0\r\n\r\n`, portOf(message), '127.0.0.1');
  }

  /** A telephone that rings: of the caller who was told so, or nobody's: a callback begins with it. */
  async ring(message) {
    const target = message.first.match(/^INVITE sip:([^@]+)@/)[1], cli = message.header('from').match(/sip:([^@]+)@/)[1];
    const end = await telephone({ port: portOf(message) }, { user: 'anna' });
    const waits = { kind: 'connect', target, cli };
    const wanted = () => [...this.calls.values()].find((call) => call.waits.kind !== 'over' && call.ear && (call.incoming
      ? call.ear.last === 'ringing' && !call.peer : call.ear.last === 'ringing' && target !== call.target));
    const origin = () => {
      const call = this.call();
      Object.assign(call, { incoming: false, end, target, to: target });
      end.on.BYE = (bye) => { end.reply(bye, 200, 'OK'); call.over(); };
      this.origins.push(call);
    };
    const look = (left) => {
      const call = wanted();
      if (!call && left) {
        setTimeout(look, 20, left - 1);
      } else if (!call) {
        origin();
      } else {
        const peer = { end, waits };
        const over = () => {
          peer.over = true;
          this.speaking.delete(end);
          if (call.peer === peer) call.peer = undefined;
        };
        peer.ear = new Ear(this, end, call.hear);
        end.on.BYE = (bye) => { end.reply(bye, 200, 'OK'); over(); end.arrived.push({ ...bye }); };
        end.on.CANCEL = (cancel) => {
          end.reply(cancel, 200, 'OK');
          over();
          setTimeout(() => { if (!end.toTag) end.reply(end.invited, 487, 'Request Terminated'); }, peer.slow ? 1000 : 0);
        };
        const { reply } = end;
        end.reply = (request, status, ...rest) => {
          if (request.method === 'INVITE' && status >= 300) over();
          return reply.call(end, request, status, ...rest);
        };
        call.peer = peer;
        call.hear();
      }
    };
    look(25);
    return end;
  }
}
