// baresip, a telephone that others wrote, in a folder of its own and told what to do over ctrl_tcp.
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../browser/daemon.mjs';
import { wav } from '../fakes/wav.mjs';

export class Baresip {
  /** account: a line of its accounts file; say: what its microphone hears; ca: a PEM file. */
  static async start({ account, say, ca, codecs = '' }) {
    const own = new Baresip();
    own.folder = mkdtempSync(join(tmpdir(), 'onthaal-baresip-'));
    const control = await freePort();
    mkdirSync(join(own.folder, 'heard'));
    writeFileSync(join(own.folder, 'say.wav'), wav(say));
    writeFileSync(join(own.folder, 'contacts'), '');
    writeFileSync(join(own.folder, 'accounts'), `${account}${codecs ? `;audio_codecs=${codecs}` : ''}\n`);
    writeFileSync(join(own.folder, 'config'), `poll_method epoll
sip_listen 127.0.0.1:0
${ca ? `sip_cafile ${ca}` : ''}
call_max_calls 4
audio_source aufile,${join(own.folder, 'say.wav')}
ausrc_srate 8000
auplay_srate 8000
ausrc_channels 1
auplay_channels 1
rtp_ports 40000-49000
jitter_buffer_delay 1-5
module_path /usr/lib/baresip/modules
snd_path ${join(own.folder, 'heard')}
module g711.so
module aufile.so
module srtp.so
module sndfile.so
module account.so
module menu.so
module ctrl_tcp.so
ctrl_tcp_listen 127.0.0.1:${control}
`);
    own.process = spawn('baresip', ['-f', own.folder, '-v'], { cwd: join(own.folder, 'heard'), stdio: ['ignore', 'pipe', 'pipe'] });
    own.log = '';
    own.events = [];
    own.waiters = new Set();
    own.ended = new Promise((resolve) => own.process.on('exit', resolve));
    const hear = (bytes) => { own.log += bytes; for (const look of [...own.waiters]) look(); };
    own.process.stdout.on('data', hear);
    own.process.stderr.on('data', hear);
    await own.logs(/baresip is ready/);
    own.control = connect(control, '127.0.0.1');
    own.control.on('error', () => {});
    let rest = '';
    own.control.on('data', (bytes) => {
      rest += bytes;
      for (let m; (m = rest.match(/^(\d+):/)) && rest.length > m[0].length + Number(m[1]);) {
        own.events.push(JSON.parse(rest.slice(m[0].length, m[0].length + Number(m[1]))));
        rest = rest.slice(m[0].length + Number(m[1]) + 1);
      }
      for (const look of [...own.waiters]) look();
    });
    await new Promise((resolve) => { own.control.once('connect', resolve); });
    return own;
  }

  say(command, params = '') {
    const text = JSON.stringify({ command, params });
    this.control.write(`${text.length}:${text},`);
  }

  wait(find, what, seconds = 15) {
    return new Promise((resolve, reject) => {
      const done = (act, value) => {
        clearTimeout(timer);
        this.waiters.delete(look);
        act(value);
      };
      const look = () => { const found = find(); if (found) done(resolve, found); };
      const timer = setTimeout(() => done(reject, new Error(`no ${what} in ${seconds} s:\n${JSON.stringify(this.events)}\n${this.log}`)), seconds * 1000);
      this.waiters.add(look);
      look();
    });
  }

  logs(pattern, seconds) {
    return this.wait(() => this.log.match(pattern), pattern, seconds);
  }

  /** An event of a call: CALL_ESTABLISHED, CALL_INCOMING, CALL_CLOSED, REGISTER_OK, … */
  event(type, seconds) {
    return this.wait(() => {
      const at = this.events.findIndex((event) => event.type === type);
      return at >= 0 && this.events.splice(at, 1)[0];
    }, type, seconds);
  }

  /** What it heard in its last call, by its own recording; after the call. */
  heard() {
    const folder = join(this.folder, 'heard');
    const name = readdirSync(folder).filter((entry) => entry.endsWith('-dec.wav')).sort().at(-1);
    const bytes = readFileSync(join(folder, name)).subarray(44);
    return Int16Array.from({ length: bytes.length >> 1 }, (_, i) => bytes.readInt16LE(2 * i));
  }

  async stop() {
    this.control?.destroy();
    this.process.kill('SIGTERM');
    const timer = setTimeout(() => this.process.kill('SIGKILL'), 1500);
    await this.ended;
    clearTimeout(timer);
    rmSync(this.folder, { recursive: true, force: true });
  }
}
