// A stand-in for Asterisk, made from its published ARI documents: channels, bridges, playbacks and
// recordings by REST, events by websocket. It does what it is asked and tells what came of it; what
// is asked in a way that the documents do not know is trouble. Sounds are over in a moment, but the
// music; our own times (how long a menu waits) are real.
import assert from 'node:assert/strict';
import { randomFillSync } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { until } from '../scenario/client.mjs';
import { Call } from './ari_call.mjs';
import { Platform, promptOf } from './platform.mjs';
import { wav } from './wav.mjs';

const { WebSocketServer } = createRequire(new URL('../browser/package.json', import.meta.url))('ws');
const SOUND_MS = 15, AUTHORIZATION = `Basic ${Buffer.from('onthaal:rest secret').toString('base64')}`;

// operation → the parameters that it knows
const OPERATIONS = {
  'GET /applications': [], 'GET /applications/*': [], 'GET /channels': [], 'GET /channels/*': [], 'DELETE /channels/*': ['reason'], 'POST /channels/*/answer': [],
  'POST /channels/*': ['endpoint', 'app', 'appArgs', 'callerId', 'timeout', 'variables'], 'POST /channels/*/play/*': ['media', 'lang', 'offsetms', 'skipms'],
  'POST /channels/*/moh': ['mohClass'], 'DELETE /channels/*/moh': [], 'GET /channels/*/variable': ['variable'], 'POST /channels/*/variable': ['variable', 'value'],
  'POST /channels/*/record': ['name', 'format', 'maxDurationSeconds', 'maxSilenceSeconds', 'ifExists', 'beep', 'terminateOn'],
  'GET /playbacks/*': [], 'DELETE /playbacks/*': [], 'POST /bridges/*': ['type', 'name'], 'GET /bridges/*': [], 'DELETE /bridges/*': [],
  'POST /bridges/*/addChannel': ['channel', 'role'], 'GET /recordings/stored/*/file': [], 'DELETE /recordings/stored/*': [],
};
const NOT_FOUND = { status: 404, json: { message: 'not found' } };
const DONE = { status: 204 };

export class Ari extends Platform {
  channels = new Map();

  bridges = new Map();

  playbacks = new Map();

  recordings = new Map();

  fetched = new Map();

  clock = 0;

  async listen() {
    await super.listen();
    this.sockets = new WebSocketServer({ noServer: true, handleProtocols: (all) => (all.has('ari') ? 'ari' : false) });
    this.server.on('upgrade', (request, socket, head) => {
      const url = new URL(request.url, this.api);
      if (this.refuse || url.pathname !== '/ari/events' || url.searchParams.get('app') !== 'onthaal' || request.headers.authorization !== AUTHORIZATION) {
        this.refused = (this.refused ?? 0) + 1;
      socket.end(`HTTP/1.1 ${this.refuse ? 503 : 401} No\r\nContent-Length: 0\r\n\r\n`);
        return;
      }
      this.sockets.handleUpgrade(request, socket, head, (line) => {
        this.socket?.terminate();
        this.socket = line;
        this.connections = (this.connections ?? 0) + 1;
        line.on('message', (bytes) => this.trouble.push(new Error(`said: ${bytes}`)));
        line.on('close', () => this.cut(line));
        line.on('error', () => undefined);
      });
    });
    return this;
  }

  close() {
    this.socket?.terminate();
    super.close();
  }

  cut(line) {
    if (this.socket !== line) return;
    this.socket = undefined;
    for (const call of this.calls.values()) {
      Object.assign(call, { before: call.begun, was: call.waits });
    }
  }

  /** The shipped script, but that it waits shorter. */
  section(folder) {
    const script = readFileSync(fileURLToPath(new URL('../../config/ivr.yaml', import.meta.url)), 'utf8');
    writeFileSync(join(folder, 'ivr.yaml'), script.replace(/\bwait: \d+/g, 'wait: 1').replace(/^place_seconds: \d+/m, 'place_seconds: 15'));
    return `  script: ivr.yaml\n  lines:\n    - {name: ${this.line}, kind: ari, api_url: "${this.api.replace('127.0.0.1', this.name ?? '127.0.0.1')}", user: onthaal, password: rest secret, endpoint: "PJSIP/{}@trunk"}\n`;
  }

  /** Connected, and every call that was there is where it belongs. */
  async started() {
    await until(() => this.socket, 'the connection of events');
    for (const call of this.calls.values()) {
      if (!this.channels.has(call.id) || call.before === undefined) continue;
      const { was } = call;
      if (was.kind === 'connect' && was.leg === 'joined') await until(() => this.rest.some(({ at, path }) => at >= this.connections && path.startsWith('/ari/bridges/') && path.includes(encodeURIComponent(call.id))), 'the bridge to be found');
      else await call.settle(() => call.begun > call.before && (was.kind !== 'connect' || call.waits.kind === 'connect'), 'the call to go on');
    }
  }

  nameOf(n) {
    return `1700000000.${n}`;
  }

  call(options = {}) {
    this.serial = (this.serial ?? 0) + 1;
    const call = new Call(this, this.nameOf(this.serial), options);
    this.calls.set(call.id, call);
    return call;
  }

  // ---- what it tells

  stamp() {
    this.clock += 1;
    return new Date(1700000000000 + this.clock).toISOString().replace('Z', '+0000');
  }

  /** The accidents: `double`, `delay` (ms), `reorder` (two events of different channels), `drop` (by type). */
  emit(type, more) {
    const text = JSON.stringify({ type, timestamp: this.stamp(), asterisk_id: '00:00:00:00:00:01', application: 'onthaal', ...more });
    const { faults, socket } = this;
    const send = () => {
      if (socket?.readyState !== 1) return;
      socket.send(text);
      if (faults.double) socket.send(text);
    };
    if (faults.drop?.includes(type)) return;
    if (faults.delay) setTimeout(send, faults.delay);
    else if (faults.reorder && !this.held) {
      this.held = send;
      setTimeout(() => { this.held?.(); this.held = undefined; }, 30);
    } else {
      send();
      this.held?.();
      this.held = undefined;
    }
  }

  show(channel) {
    const caller = { name: channel.from ? `"${channel.from}"` : '', number: channel.from ?? '' };
    return {
      id: channel.id, name: `PJSIP/${channel.from ?? 'trunk'}-00000001`, state: channel.state, protocol_id: `${channel.from}@carrier.invalid`, caller,
      connected: { name: '', number: channel.from ?? '' }, accountcode: '', dialplan: { context: 'from-trunk', exten: channel.from ?? 's', priority: 1, app_name: 'Stasis', app_data: 'onthaal' },
      creationtime: '2026-11-25T10:00:00.000+0000', language: 'en', channelvars: { 'CALLERID(num)': channel.from ?? '' },
    };
  }

  about(type, channel, more) {
    this.emit(type, { channel: this.show(channel), ...more });
  }

  start(channel) {
    channel.inApp = true;
    this.about('StasisStart', channel, { args: [] });
  }

  arrive(call) {
    const channel = { id: call.id, from: call.from, state: 'Ring', vars: {}, heard: call.heard, call };
    this.channels.set(call.id, channel);
    call.waits = { kind: 'busy' };
    if (this.faults.unregistered) channel.inApp = true; // it came while nobody listened
    else this.start(channel);
  }

  answered(channel) {
    channel.state = 'Up';
    if (channel.call) channel.call.waits = { kind: 'busy' };
    this.about('ChannelStateChange', channel);
    this.start(channel);
  }

  key(id, digit) {
    this.about('ChannelDtmfReceived', this.channels.get(id), { digit, duration_ms: 80 });
  }

  destroy(id, cause = 16, status = '') {
    const channel = this.channels.get(id);
    if (!channel) return;
    this.channels.delete(id);
    if (channel.playing) this.playbacks.delete(channel.playing.id);
    if (channel.recording) this.finishRecording(channel, 3, channel.spoke ?? 0);
    for (const bridge of this.bridges.values()) bridge.channels = bridge.channels.filter((other) => other !== id);
    if (status) this.emit('Dial', { peer: this.show(channel), dialstatus: status, dialstring: 'x', forward: '' });
    this.about('ChannelHangupRequest', channel, { cause });
    if (channel.state === 'Up') this.about('StasisEnd', channel);
    this.about('ChannelDestroyed', channel, { cause, cause_txt: 'cause' });
  }

  played(playing, state = 'done') {
    if (!this.playbacks.delete(playing.id)) return;
    const channel = this.channels.get(playing.channel);
    if (channel?.playing === playing) channel.playing = channel.queue?.shift();
    if (channel?.playing) this.begin(channel);
    this.emit('PlaybackFinished', { playback: { id: playing.id, media_uri: playing.uris.at(-1), target_uri: `channel:${playing.channel}`, language: 'en', state } });
  }

  begin(channel) {
    const { playing } = channel;
    playing.since = Date.now();
    if (!playing.music) channel.heard.push(...playing.media.filter((id) => !id.startsWith('tone:')));
    if (channel.call && !playing.tone) channel.call.begun += 1;
    if (!playing.music && !playing.tone) setTimeout(() => this.played(playing, this.faults.failing ? 'failed' : 'done'), channel.call?.hasty ? 400 : SOUND_MS);
  }

  finishRecording(channel, duration, talking) {
    const { name } = channel.recording;
    channel.recording = undefined;
    this.recordings.set(name, { late: this.unready ?? 1, bytes: wav(randomFillSync(new Int16Array(duration * 8000))) });
    this.emit('RecordingFinished', { recording: { name, format: 'wav', state: 'done', target_uri: `channel:${channel.id}`, duration, talking_duration: talking } });
  }

  recorded(call, seconds) {
    this.finishRecording(call.channel, seconds || 10, seconds);
  }

  legOf(id) {
    return [...this.channels.values()].find((channel) => channel.leg && channel.id.endsWith(`-${id}`));
  }

  together(a, b) {
    return [...this.bridges.values()].some(({ channels }) => channels.includes(a) && channels.includes(b));
  }

  // ---- what it is asked

  async onRest(asked) {
    asked.at = this.connections ?? 0;
    try {
      return await this.act(asked);
    } catch (error) {
      this.trouble.push(error);
      return { status: 500, json: { message: String(error) } };
    }
  }

  async act({ method, path, headers, body }) {
    if (headers.authorization !== AUTHORIZATION) return { status: 401, json: { message: 'Authentication required' } };
    const url = new URL(path, this.api);
    const parts = url.pathname.split('/').slice(2).map(decodeURIComponent);
    const fixed = ['applications', 'channels', 'bridges', 'playbacks', 'recordings', 'answer', 'play', 'moh', 'variable', 'record', 'addChannel', 'stored', 'file'];
    const operation = `${method} /${parts.map((part) => (fixed.includes(part) ? part : '*')).join('/')}`;
    const said = { ...Object.fromEntries(url.searchParams), ...(body ? JSON.parse(body) : {}) };
    assert.ok(OPERATIONS[operation], `there is no ${operation}`);
    for (const key of Object.keys(said)) assert.ok(OPERATIONS[operation].includes(key), `${operation} has no ${key}`);
    if (this.faults.broken && Math.random() < this.faults.broken) return { status: 503, json: { message: 'later' } };
    return this[`on${operation.replace(/[ /*]+(\w)?/g, (_, letter = '') => letter.toUpperCase())}`](said, parts);
  }

  onGETApplications(said, [, app]) {
    if (app === undefined) return { json: [] };
    assert.equal(app, 'onthaal');
    return { json: { name: app, channel_ids: [...this.channels.values()].filter(({ inApp }) => inApp).map(({ id }) => id), bridge_ids: [...this.bridges.keys()], endpoint_ids: [], device_names: [] } };
  }

  onGETChannels(said, [, id]) {
    if (id === undefined) return { json: [...this.channels.values()].map((channel) => this.show(channel)) };
    const channel = this.channels.get(id);
    return channel ? { json: this.show(channel) } : NOT_FOUND;
  }

  onDELETEChannels({ reason }, [, id]) {
    if (reason) assert.ok(['normal', 'busy', 'congestion', 'no_answer'].includes(reason));
    if (!this.channels.has(id)) return NOT_FOUND;
    this.destroy(id, 16);
    return DONE;
  }

  /** Of a channel in our application, or why not. */
  with(id, work) {
    const channel = this.channels.get(id);
    if (!channel) return NOT_FOUND;
    if (!channel.inApp) return { status: 409, json: { message: 'Channel not in Stasis application' } };
    return work(channel);
  }

  onPOSTChannelsAnswer(said, [, id]) {
    return this.with(id, (channel) => {
      if (channel.state !== 'Up') {
        channel.state = 'Up';
        this.about('ChannelStateChange', channel);
      }
      return DONE;
    });
  }

  onPOSTChannels({ endpoint, app, callerId = '', timeout }, [, id]) {
    assert.equal(app, 'onthaal');
    assert.ok(timeout > 0 && id.length <= 149);
    const target = endpoint.match(/^PJSIP\/([^/@]+)@trunk$/)?.[1] ?? endpoint.match(/^PJSIP\/trunk\/(sip:.+)$/)?.[1];
    if (!target) return { status: 400, json: { message: 'Invalid endpoint specified' } };
    if (this.channels.has(id)) return { status: 409, json: { message: 'Channel with given unique ID already exists' } };
    const leg = id.includes('-l-');
    const channel = { id, state: 'Down', inApp: true, vars: {}, heard: [], leg, target, cli: callerId };
    this.channels.set(id, channel);
    if (!leg) {
      const call = new Call(this, id, { incoming: false, to: target });
      call.heard = channel.heard;
      channel.call = call;
      this.calls.set(id, call);
      this.origins.push(call);
    }
    setTimeout(() => {
      if (!this.channels.has(id)) return;
      channel.state = 'Ringing';
      this.about('ChannelStateChange', channel);
      this.emit('Dial', { peer: this.show(channel), dialstatus: 'RINGING', dialstring: endpoint, forward: '' });
    }, 5);
    return { json: this.show(channel) };
  }

  async onPOSTChannelsPlay({ media }, [, id, , name]) {
    const uris = [media].flat();
    for (const uri of uris) if (!uri.startsWith('tone:')) await this.fetchSound(uri);
    return this.with(id, (channel) => {
      if (this.playbacks.has(name)) return { status: 409, json: {} };
      const names = uris.map((uri) => promptOf(uri.replace(/^sound:/, '')));
      const playing = { id: name, channel: id, uris, media: names, music: names.every((one) => one.startsWith('any/')), tone: uris[0].startsWith('tone:') };
      this.playbacks.set(name, playing);
      if (channel.playing) {
        (channel.queue ??= []).push(playing);
      } else {
        channel.playing = playing;
        this.begin(channel);
      }
      return { status: 201, json: { id: name, media_uri: uris[0], target_uri: `channel:${id}`, language: 'en', state: 'queued' } };
    });
  }

  async fetchSound(uri) {
    assert.match(uri, /^sound:https:/);
    if (!this.fetched.has(uri)) this.fetched.set(uri, fetch(uri.slice(6).replace(this.publicUrl, this.url)).then(async (answer) => [answer.status, answer.headers.get('content-type'), Buffer.from(await answer.arrayBuffer()).subarray(0, 4).toString()]));
    assert.deepEqual(await this.fetched.get(uri), [200, 'audio/wav', 'RIFF']);
  }

  onGETPlaybacks(said, [, name]) {
    return this.playbacks.has(name) ? { json: { id: name, state: 'playing' } } : NOT_FOUND;
  }

  onDELETEPlaybacks(said, [, name]) {
    const playing = this.playbacks.get(name);
    if (!playing) return NOT_FOUND;
    this.played(playing);
    return DONE;
  }

  onPOSTChannelsMoh(said, [, id]) {
    return this.with(id, (channel) => { channel.moh = true; return DONE; });
  }

  onDELETEChannelsMoh(said, [, id]) {
    return this.with(id, (channel) => { channel.moh = false; return DONE; });
  }

  onGETChannelsVariable({ variable }, [, id]) {
    const value = this.channels.get(id)?.vars[variable];
    return value === undefined ? NOT_FOUND : { json: { value } };
  }

  onPOSTChannelsVariable({ variable, value }, [, id]) {
    return this.with(id, (channel) => { channel.vars[variable] = value; return DONE; });
  }

  onPOSTChannelsRecord({ name, format, maxDurationSeconds, terminateOn }, [, id]) {
    assert.equal(format, 'wav');
    assert.ok(['none', 'any', '*', '#'].includes(terminateOn));
    return this.with(id, (channel) => {
      channel.recording = { name, most: maxDurationSeconds };
      channel.call.begun += 1;
      return { status: 201, json: { name, format, state: 'queued', target_uri: `channel:${id}` } };
    });
  }

  onPOSTBridges({ type }, [, id]) {
    assert.equal(type, 'mixing');
    if (!this.bridges.has(id)) this.bridges.set(id, { id, channels: [] });
    return { json: this.bridges.get(id) };
  }

  onGETBridges(said, [, id]) {
    return this.bridges.has(id) ? { json: this.bridges.get(id) } : NOT_FOUND;
  }

  onDELETEBridges(said, [, id]) {
    if (!this.bridges.has(id)) return NOT_FOUND;
    this.emit('BridgeDestroyed', { bridge: this.bridges.get(id) });
    this.bridges.delete(id);
    return DONE;
  }

  onPOSTBridgesAddChannel({ channel }, [, id]) {
    const bridge = this.bridges.get(id);
    if (!bridge) return NOT_FOUND;
    if ([channel].flat().some((one) => !this.channels.get(one)?.inApp)) return { status: 400, json: { message: 'Channel not found' } };
    bridge.channels.push(...[channel].flat());
    return DONE;
  }

  onGETRecordingsStoredFile(said, [, , name]) {
    const recording = this.recordings.get(name);
    if (!recording || recording.late-- > 0) return NOT_FOUND;
    return { bytes: recording.bytes, type: 'audio/x-wav' };
  }

  onDELETERecordingsStored(said, [, , name]) {
    return this.recordings.delete(name) ? DONE : NOT_FOUND;
  }
}
