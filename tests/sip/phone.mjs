// The SIP endpoint behind a script of a few lines (tests/sip/phone.c), for the tests.
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { wav } from '../fakes/wav.mjs';

const daemon = process.env.ONTHAAL ?? 'build/sanitize/onthaal';
export const PHONE = process.env.SIP_PHONE ?? join(dirname(daemon), 'sip_phone');

export class Phone {
  /** options.sip: further keys of the section, options.prompts: {"nl/welcome": Int16Array}. */
  static async start(options = {}) {
    const phone = new Phone();
    phone.folder = mkdtempSync(join(tmpdir(), 'onthaal-sip-'));
    for (const [name, samples] of Object.entries(options.prompts ?? {})) {
      const path = join(phone.folder, 'prompts', `${name}.wav`);
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, wav(samples));
    }
    mkdirSync(join(phone.folder, 'prompts'), { recursive: true });
    for (const [name, text] of Object.entries(options.files ?? {})) writeFileSync(join(phone.folder, name), text);
    const config = join(phone.folder, 'onthaal.yaml');
    writeFileSync(config, `sip:\n  address: "${options.address ?? '127.0.0.1'}"\n  port: 0\n  tls_port: 0\n${options.sip ?? ''}`);
    phone.process = spawn(options.program ?? PHONE, [config, join(phone.folder, 'prompts')], { stdio: 'pipe' });
    phone.events = [];
    phone.log = '';
    phone.waiters = new Set();
    phone.ended = new Promise((resolve) => phone.process.on('exit', (code, signal) => resolve({ code, signal })));
    let rest = '';
    phone.process.stdout.on('data', (bytes) => {
      const lines = (rest + bytes).split('\n');
      rest = lines.pop();
      for (const line of lines) phone.events.push(line);
      for (const look of [...phone.waiters]) look();
    });
    phone.process.stderr.on('data', (bytes) => {
      phone.log += bytes;
      for (const look of [...phone.waiters]) look();
    });
    phone.process.on('exit', () => { for (const look of [...phone.waiters]) look(true); });
    const ready = await phone.event(/^ready (\d+) (\d+)/);
    [phone.port, phone.tlsPort] = [Number(ready[1]), Number(ready[2])];
    await phone.rules(...(options.rules ?? []));
    return phone;
  }

  say(...commands) {
    this.process.stdin.write(commands.map((command) => `${command}\n`).join('')); // at once: read before anything else happens
  }

  /** Said, and taken: what comes next meets these rules. */
  async rules(...commands) {
    this.say(...commands);
    await this.figures();
  }

  /** The next line that matches; each line is given once. */
  event(pattern, seconds = 20) {
    return new Promise((resolve, reject) => {
      const done = (act, value) => {
        clearTimeout(timer);
        this.waiters.delete(look);
        act(value);
      };
      const look = (ended = false) => {
        const at = this.events.findIndex((line) => pattern.test(line));
        if (at >= 0) done(resolve, this.events.splice(at, 1)[0].match(pattern));
        else if (ended) done(reject, new Error(`the phone ended before ${pattern}: ${this.log}`));
      };
      const timer = setTimeout(() => done(reject,
        new Error(`no ${pattern} in ${seconds} s, but:\n${this.events.join('\n')}\n${this.log}`)), seconds * 1000);
      this.waiters.add(look);
      look();
    });
  }

  async figures() {
    this.say('figures');
    await this.event(/^figures end/);
    const figures = {};
    this.events = this.events.filter((line) => {
      const parts = line.match(/^figure (?:onthaal_sip_)?(\S+) (\S+)/);
      if (parts) figures[parts[1]] = Number(parts[2]);
      return !parts;
    });
    return figures;
  }

  /** Ends it; a sanitizer's complaint fails the test. */
  async stop() {
    this.say('quit');
    const { code, signal } = await this.ended;
    rmSync(this.folder, { recursive: true, force: true });
    if (code !== 0) throw new Error(`the phone ended with ${code ?? signal}:\n${this.log}`);
  }
}
