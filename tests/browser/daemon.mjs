// The real daemon in a folder of its own, started and stopped by the tests.
import { spawn, execFileSync } from 'node:child_process';
import { createHmac, randomInt } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export const BINARY = process.env.ONTHAAL ?? 'build/sanitize/onthaal';
export const PASSWORD = 'een lange zin voor de proef';

/** Not one that the system gives away meanwhile, to whoever connects somewhere. */
export function freePort() {
  return new Promise((resolve) => {
    const server = createServer();
    const port = randomInt(10000, 32000);
    server.on('error', () => resolve(freePort()));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(port)));
  });
}

/** Every file under a folder. */
export function* files(folder) {
  for (const name of readdirSync(folder)) {
    const path = join(folder, name);
    if (statSync(path).isDirectory()) yield* files(path);
    else yield path;
  }
}

export class Daemon {
  static async create(config = '', options = []) {
    const daemon = new Daemon();
    daemon.folder = mkdtempSync(join(tmpdir(), 'onthaal-daemon-'));
    daemon.port = await freePort();
    daemon.metrics = await freePort();
    daemon.options = options;
    daemon.configure(config);
    return daemon;
  }

  configure(config) {
    writeFileSync(join(this.folder, 'onthaal.yaml'),
      `server:\n  port: ${this.port}\n  metrics_port: ${this.metrics}\n${config}`);
  }

  get url() {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Resolves when it says that it serves; rejects with its words when it ends before. */
  start(wrapper = []) {
    const [program, ...args] = [...wrapper, BINARY, 'serve', '--data', this.folder, ...this.options];
    this.process = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    this.log = '';
    this.said = '';
    const own = this.process;
    this.ended = new Promise((resolve) => own.on('exit', (code, signal) => resolve({ code, signal })));
    return new Promise((resolve, reject) => {
      own.stdout.on('data', (bytes) => { this.said += bytes; });
      own.stderr.on('data', (bytes) => {
        this.log += bytes;
        if (this.log.includes('msg="serving"')) resolve(this);
      });
      own.on('exit', () => reject(new Error(`the daemon ended: ${this.log}`)));
    });
  }

  async stop(signal = 'SIGTERM') {
    this.process.kill(signal);
    return this.ended;
  }

  command(...args) {
    return execFileSync(BINARY, [args[0], '--data', this.folder, ...args.slice(1)], { encoding: 'utf8' });
  }

  /** A counsellor's one-time link token. */
  invite(name, display = name, role = 'counsellor') {
    return this.command('staff', 'add', name, '--display', display, '--role', role).match(/#invite=(\S+)/)[1];
  }

  async remove() {
    if (this.process && this.process.exitCode === null && this.process.signalCode === null) await this.stop('SIGKILL');
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** The code of an authenticator (RFC 6238) for a Base32 secret. */
export function totp(secret, time = Date.now()) {
  const bits = [...secret.replace(/=+$/, '')]
    .map((c) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(c).toString(2).padStart(5, '0')).join('');
  const key = Buffer.from(bits.match(/.{8}/g).map((byte) => parseInt(byte, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(time / 30000)));
  const hash = createHmac('sha1', key).update(counter).digest();
  const at = hash[19] & 15;
  return String((hash.readUInt32BE(at) & 0x7fffffff) % 1000000).padStart(6, '0');
}
