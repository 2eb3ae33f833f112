// A daemon with one line, its platform's stand-in, and counsellors with telephones; and the words that
// the scenarios are written in.
import assert from 'node:assert/strict';
import { Daemon, freePort } from '../browser/daemon.mjs';
import { recordPrompts } from '../fakes/platform.mjs';
import { breaches, Counsellor, until } from '../scenario/client.mjs';

export class World {
  static async create(Kind, settings = '', extra = '', wrapper = []) {
    const world = new World();
    world.daemon = await Daemon.create();
    world.platform = new Kind({
      url: world.daemon.url, publicUrl: `https://phone.invalid:${8443}`, line: 'intake', secret: 'the secret of today',
      wsPort: await freePort(),
    });
    await world.platform.listen();
    world.configure(settings, extra);
    if (world.platform.recordPrompts) world.platform.recordPrompts(world.daemon);
    else recordPrompts(world.daemon);
    await world.daemon.start(wrapper);
    await world.platform.started?.(world.daemon);
    world.anke = await new Counsellor(world.daemon, 'Anke').signUp(undefined, '+3220001111');
    return world;
  }

  configure(settings = '', extra = '') {
    this.daemon.configure(`telephone:\n  public_url: ${this.platform.publicUrl}\n  caller_id: "+3220000000"\n  prompts: recorded\n  platform_voice: true\n`
      + `  voicemail: ${this.platform.voicemail ?? true}\n  calls_per_hour: 0\n${settings}${this.platform.section?.(this.daemon.folder) ?? `  lines:\n${this.platform.configuration()}`}`
      + `outbox:\n  allow_private: true\n${extra}`);
  }

  async remove() {
    this.anke.line.drop();
    this.platform.close();
    await this.daemon.remove();
  }

  /** Waits for news of a call that waits: asked again and again, as its sound comes round. */
  async turns(call, check, what) {
    return until(async () => {
      if (check(call)) return true;
      if (call.waits.kind === 'hold' && !call.busy) await call.wait();
      return check(call);
    }, what);
  }

  /** Waits for what an interrupt brings. A sound that comes round in the same moment would be another
   * scenario: see "an interrupt that comes late". */
  async called(call, check, what) {
    return this.platform.interrupts ? until(() => check(call), what) : this.turns(call, check, what);
  }

  async inQueue(options, keys = ['1', '2']) {
    const before = new Set(this.anke.cards.keys());
    const call = await this.platform.call(options).start();
    for (const key of keys) await call.press(key);
    assert.equal(call.waits.kind, 'hold');
    call.contact = await until(() => [...this.anke.cards.keys()].find((id) => !before.has(id)), 'the contact of the call');
    return call;
  }

  async take(call, counsellor = this.anke) {
    const answer = await counsellor.request('take', { contact: call.contact });
    assert.equal(answer.t, 'ok', JSON.stringify(answer));
  }

  async ringing(call) {
    await this.take(call);
    await this.called(call, () => call.waits.kind === 'connect', 'the counsellor\'s telephone to ring');
    // What the platform was told of it meanwhile may come later than its own question: it dials anew then.
    await until(async () => await this.metric('outbox_waiting') === 0 && !call.busy, 'the platform to have heard it');
    assert.equal(call.waits.kind, 'connect');
  }

  async talking(options) {
    const call = await this.inQueue(options);
    await this.ringing(call);
    await call.leg('answer');
    if (call.waits.leg === 'asked') await call.legPress('1');
    assert.equal(call.waits.leg, 'joined');
    await this.stage(call, 'connected');
    return call;
  }

  card(call) {
    return this.anke.cards.get(call.contact);
  }

  async stage(call, stage) {
    await until(() => this.card(call)?.call === stage, `the stage ${stage}`);
  }

  stages(call, counsellor = this.anke) {
    return (counsellor.contacts.get(call.contact) ?? []).filter((event) => event.kind === 'call').map((event) => event.stage);
  }

  async state(call, state) {
    await until(() => (this.card(call)?.state ?? 'closed') === state, `the contact to be ${state}`);
  }

  async metric(name) {
    const text = await (await fetch(`http://127.0.0.1:${this.daemon.metrics}/metrics`)).text();
    return Number(text.match(new RegExp(`^onthaal_${name.replace(/[{}"]/g, '\\$&')} (\\S+)$`, 'm'))?.[1]);
  }

  /** What the console gets to play, which is all of it. */
  async played(call) {
    const pieces = await until(() => {
      const all = (this.anke.contacts.get(call.contact) ?? []).filter((event) => event.kind === 'recording');
      return all.length && all.length === all[0].pieces && all;
    }, 'every piece of the message', 60000);
    assert.deepEqual(pieces.map((event) => event.piece), pieces.map((_, i) => i + 1));
    const parts = [];
    for (const { seq } of pieces) {
      const ok = await this.anke.request('listen', { contact: call.contact, seq });
      assert.equal(ok.t, 'ok', JSON.stringify(ok));
      parts.push(Buffer.from(ok.bytes, 'base64url'));
    }
    return Buffer.concat(parts);
  }

  /** The message, as it was spoken, and gone from the platform. */
  async message(call) {
    const [[sid, { bytes, like = (whole) => whole.equals(bytes) }]] = [...this.platform.recordings];
    await this.take(call);
    assert.ok(like(await this.played(call)), 'the message is not what was spoken');
    await until(async () => {
      await this.platform.forgets?.(this, sid);
      return !this.platform.recordings.has(sid);
    }, 'the message to be deleted at the platform');
  }

  /** Everybody gone, everything closed; nothing may be left over. */
  async clear() {
    for (const call of this.platform.calls.values()) if (call.waits.kind !== 'over' && call.waits.kind !== 'new') await call.hangup();
    await until(async () => {
      for (const card of this.anke.cards.values()) {
        if (card.state === 'waiting') await this.anke.request('take', { contact: card.id });
        if (card.owner === this.anke.me.id) await this.anke.request('close', { contact: card.id });
      }
      return this.anke.cards.size === 0;
    }, 'an empty desk');
    await until(async () => {
      for (const call of this.platform.calls.values()) if (call.waits.kind !== 'over' && call.waits.kind !== 'new') await call.hangup();
      return await this.metric('calls') === 0;
    }, 'no line to be left');
    assert.deepEqual(breaches, []);
    assert.deepEqual(this.anke.faults, []);
    assert.deepEqual(this.platform.trouble, []);
  }

  /** One scenario; one that fails leaves nothing to the next either. */
  async play(run) {
    try {
      await run(this);
    } finally {
      this.platform.faults = {};
      this.platform.late.length = 0;
      await this.clear();
    }
  }

  async restart() {
    await this.daemon.stop('SIGKILL');
    await this.daemon.start();
    await this.platform.started?.(this.daemon);
    assert.ok(await this.anke.resume());
  }
}
