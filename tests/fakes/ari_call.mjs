// Who is on the line of the stand-in for Asterisk.
import assert from 'node:assert/strict';
import { pause, until } from '../scenario/client.mjs';

const SEGMENT_LEAST_MS = 260;

/** Somebody who calls, or is called; what they hear and do. */
export class Call {
  constructor(platform, id, { from = '+32470009999', hasty = false, incoming = true, to = '' } = {}) {
    Object.assign(this, { platform, id, from, hasty, incoming, to, heard: [], begun: 0, state: { kind: 'new' }, mark: 0 });
  }

  get since() {
    const fresh = this.heard.slice(this.mark);
    this.mark = this.heard.length;
    return fresh;
  }

  get channel() {
    return this.platform.channels.get(this.id);
  }

  get waits() {
    this.look();
    return this.state;
  }

  set waits(state) {
    this.state = state;
  }

  /** What it does now, from what Asterisk does with it. */
  look() {
    if (this.left || ['over', 'new'].includes(this.state.kind)) return;
    const { channel } = this;
    const leg = this.platform.legOf(this.id);
    if (!channel) this.state = { kind: 'over' };
    else if (channel.recording) this.state = { kind: 'record', most: channel.recording.most };
    else if (leg) this.state = { kind: 'connect', target: leg.target, cli: leg.cli, action: leg.id, leg: this.platform.together(this.id, leg.id) ? 'joined' : leg.heard.length ? 'asked' : 'ringing' };
    else if (channel.playing?.music) this.state = { kind: 'hold', segment: channel.playing.media[0] };
    else if (channel.playing && !this.hasty) this.state = { kind: 'busy' };
    else this.state = { kind: this.named(this.heard.at(-1) ?? '') };
  }

  /** What a caller expects after these words. */
  named(id) {
    if (id.endsWith('/callback-number')) return 'collect';
    if (/\/(queue|place-first|place\..*)$/.test(id)) return this.hasty ? 'hold' : 'busy'; // the music comes
    if (/\/(callback-done|voicemail-done|closed-end|closed-danger|not-yet|connecting|voicemail)$/.test(id) || !id) return 'busy';
    return 'menu';
  }

  async settle(check, what) {
    await until(() => this.waits.kind === 'over' || (this.waits.kind !== 'busy' && check()), what);
    this.busy = false;
  }

  async words(act) {
    const before = this.begun;
    this.busy = true;
    await act();
    await this.settle(() => this.begun > before, 'the next words');
    return this;
  }

  start() {
    return this.words(() => {
      if (this.incoming) this.platform.arrive(this);
      else this.platform.answered(this.channel);
    });
  }

  async press(keys) {
    const { kind } = this.waits;
    assert.ok(['menu', 'collect', 'hold'].includes(kind), `keys in ${kind}`);
    const act = () => { for (const key of kind === 'collect' && keys.length > 1 ? `${keys}#` : keys) this.platform.key(this.id, key); };
    if (this.incoming) return this.words(act);
    act();
    await this.settle(() => this.waits.kind === 'connect', 'the other telephone to ring');
    return this;
  }

  async wait() {
    const { kind } = this.waits;
    assert.ok(['menu', 'collect', 'hold', 'record'].includes(kind), `time in ${kind}`);
    return this.words(async () => {
      if (kind === 'hold') {
        const { playing } = this.channel;
        await pause(Math.max(0, playing.since + SEGMENT_LEAST_MS - Date.now()));
        this.platform.played(playing);
      } else if (kind === 'record') {
        this.platform.recorded(this, 0);
      }
    });
  }

  record(seconds = 12) {
    assert.equal(this.waits.kind, 'record');
    return this.words(() => this.platform.recorded(this, seconds));
  }

  hangup() {
    this.left = true;
    this.waits = { kind: 'over' };
    this.platform.destroy(this.id, this.channel?.state === 'Up' ? 16 : 21);
    return this;
  }

  async leg(what) {
    const { platform } = this;
    const id = this.waits.action;
    assert.equal(this.waits.kind, 'connect');
    if (this.left) { // answered a moment too late: taken down again
      platform.channels.set(id, { id, state: 'Up', inApp: true, vars: {}, heard: [] });
      platform.start(platform.channels.get(id));
      await until(() => !platform.channels.has(id), 'the leg to be taken down');
      this.waits = { ...this.waits, leg: 'dropped' };
      return this;
    }
    const causes = { busy: [17, 'BUSY'], 'no-answer': [19, 'NOANSWER'], failed: [34, 'CONGESTION'] };
    if (causes[what]) return this.after(() => platform.destroy(id, ...causes[what]));
    platform.answered(platform.channels.get(id));
    const leg = platform.channels.get(id);
    await until(() => leg.heard.length || this.waits.leg === 'joined', 'the question');
    this.legHeard = leg.heard;
    return this;
  }

  /** What comes of a leg that ends: other words, or of a callback the end. */
  after(act) {
    if (this.incoming) return this.words(act);
    act();
    return this.settle(() => false, 'the line to end').then(() => this);
  }

  /** '': nobody presses anything. */
  async legPress(keys) {
    const leg = this.platform.channels.get(this.waits.action), asked = leg.heard.length, { begun } = this;
    if (keys) this.platform.key(leg.id, keys);
    await until(() => this.waits.leg === 'joined' || !this.platform.channels.has(leg.id) || leg.heard.length > asked, 'what came of the key');
    if (!this.platform.channels.has(leg.id)) await this.settle(() => this.begun > begun, 'the words after it');
    return this;
  }

  async legHangup() {
    assert.equal(this.waits.leg, 'joined');
    this.platform.destroy(this.waits.action, 16);
    await this.settle(() => this.waits.kind === 'hold', 'the line to be held');
    return this;
  }
}
