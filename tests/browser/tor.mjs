// A Tor network on this machine's loopback, made of the system's own tor: an authority, relays, a service
// and a client that know of no other network. Nothing is slept for: the relays' descriptors are counted
// before the authority votes, and each tor tells by its control socket how far it is.
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { appendFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from './daemon.mjs';

export const TOR = ['tor', 'tor-gencert'].every((program) => spawnSync(program, ['--version']).error === undefined);
const RELAYS = 6; // beside the authority: guard, two layers and a meeting point, all different, for both sides
const PATIENCE_MS = 120000;

const COMMON = `TestingTorNetwork 1
AssumeReachable 1
Address 127.0.0.1
ShutdownWaitLength 0
Log notice stdout
`;
// It votes when it is told to; by itself in a quarter of an hour, and then each half hour.
const authority = () => `TestingV3AuthVotingStartOffset ${(Math.floor(Date.now() / 1000) + 900) % 1800}
AuthoritativeDirectory 1
V3AuthoritativeDirectory 1
ContactInfo nobody@example.org
TestingDirAuthVoteGuard *
TestingDirAuthVoteHSDir *
V3AuthVotingInterval 30 minutes
TestingV3AuthInitialVotingInterval 30 minutes
TestingV3AuthInitialVoteDelay 2
TestingV3AuthInitialDistDelay 2
`;

/** One tor. `heard`: what its control socket said by itself, each event as one text. */
class Tor {
  constructor(folder, name) {
    Object.assign(this, { name, folder: join(folder, name), hooks: new Set() });
    mkdirSync(this.folder, { mode: 0o700 });
    this.torrc = join(this.folder, 'torrc');
    writeFileSync(this.torrc, `${COMMON}Nickname ${name}\nDataDirectory ${this.folder}\nControlSocket ${this.folder}/control\n`
      + `__OwningControllerProcess ${process.pid}\n`); // it ends when we do
  }

  configure(lines) {
    appendFileSync(this.torrc, `${lines}\n`);
  }

  get args() {
    return ['--defaults-torrc', '/dev/null', '-f', this.torrc];
  }

  async start() {
    Object.assign(this, { heard: [], answers: [], log: '', gone: false });
    this.process = spawn('tor', this.args, { stdio: ['ignore', 'pipe', 'ignore'] });
    this.process.stdout.on('data', (bytes) => { this.log += bytes; this.happened(); });
    this.ended = new Promise((resolve) => { this.process.on('exit', resolve); }).then(() => {
      this.gone = true;
      for (const answer of this.answers.splice(0)) answer('it ended');
      this.happened();
    });
    await this.until(() => this.log.includes('Opened Control listener connection (ready)'), 'its control socket');
    await this.attach();
    return this;
  }

  attach() {
    let text = '';
    let part = [];
    this.control = connect(join(this.folder, 'control'));
    this.control.on('error', () => undefined); // it ended
    this.control.on('data', (bytes) => {
      text += bytes;
      for (;;) {
        const data = /^\d{3}\+/.test(text) && text.match(/^[^]*?\r\n\.\r\n/); // a line with data after it
        const [line] = data || (/^\d{3}\+/.test(text) ? [undefined] : text.match(/^.*\r\n/) ?? [undefined]);
        if (!line) break;
        text = text.slice(line.length);
        part.push(line.trimEnd());
        if (line[3] !== ' ') continue;
        const whole = part.join('\n');
        part = [];
        if (line.startsWith('650')) this.heard.push(whole);
        else this.answers.shift()(whole);
        this.happened();
      }
    });
    return this.ask('AUTHENTICATE');
  }

  /** Its answer to a command, whole; rejects when it refused. */
  async ask(command) {
    const answer = await new Promise((resolve) => {
      this.answers.push(resolve);
      this.control.write(`${command}\r\n`);
    });
    if (!answer.split('\n').at(-1).startsWith('250')) throw new Error(`${this.name}: ${command}: ${answer}`);
    return answer;
  }

  happened() {
    for (const hook of this.hooks) hook();
  }

  /** Until something that it says makes this true. */
  until(condition, what, ms = PATIENCE_MS) {
    return new Promise((resolve, reject) => {
      const end = (act) => (value) => { clearTimeout(timer); this.hooks.delete(look); act(value); };
      const fail = (why) => end(reject)(new Error(`${this.name}: ${why} before ${what}\n${this.log.slice(-2000)}`));
      const look = () => {
        const value = condition();
        if (value) end(resolve)(value);
        else if (this.gone) fail('it ended');
      };
      const timer = setTimeout(() => fail(`${ms} ms passed`), ms);
      this.hooks.add(look);
      look();
    });
  }

  event(pattern, what) {
    return this.until(() => this.heard.find((event) => pattern.test(event)), what);
  }

  async stop(signal = 'SIGKILL') {
    if (!this.process || this.gone) return;
    this.process.kill(signal);
    await this.ended;
  }
}

/** The key of an authority, and what others write of it. */
async function authorityLine(tor) {
  const keys = join(tor.folder, 'keys');
  const [line, dir] = [await freePort(), await freePort()];
  mkdirSync(keys, { mode: 0o700 });
  execFileSync('tor-gencert', ['--create-identity-key', '--passphrase-fd', '0', '-m', '1', '-a', `127.0.0.1:${dir}`,
    '-i', `${keys}/authority_identity_key`, '-s', `${keys}/authority_signing_key`, '-c', `${keys}/authority_certificate`], { input: 'proef\n', stdio: ['pipe', 'ignore', 'pipe'] });
  tor.configure(`ORPort 127.0.0.1:${line}\nDirPort 127.0.0.1:${dir}\n${authority()}`);
  const [, v3] = readFileSync(`${keys}/authority_certificate`, 'utf8').match(/^fingerprint (\w+)/m);
  const said = execFileSync('tor', [...tor.args, '--DirAuthority', `x orport=1 v3ident=${v3} 127.0.0.1:1 ${'0'.repeat(40)}`, '--list-fingerprint'], { encoding: 'utf8' });
  const [, own] = said.match(/^authority ([0-9A-F ]+)$/m);
  return `DirAuthority authority orport=${line} v3ident=${v3} 127.0.0.1:${dir} ${own.replaceAll(' ', '')}`;
}

export class TorNetwork {
  /** Of a service with these lines of a torrc (its folder is {folder}), and a client. Both are usable. */
  static async start(service) {
    const network = new TorNetwork();
    network.folder = mkdtempSync(join(tmpdir(), 'onthaal-tor-'));
    try {
      await network.boot(service);
    } catch (error) {
      await network.remove();
      throw error;
    }
    return network;
  }

  async boot(service) {
    const make = (name) => new Tor(this.folder, name);
    this.authority = make('authority');
    this.relays = Array.from({ length: RELAYS }, (_, i) => make(`relay${i + 1}`));
    this.service = make('service');
    this.client = make('client');
    this.all = [this.authority, ...this.relays, this.service, this.client];
    const line = await authorityLine(this.authority);
    this.all.forEach((tor) => tor.configure(line));
    for (const relay of this.relays) relay.configure(`ORPort 127.0.0.1:${await freePort()}\nExitRelay 0`);
    this.socks = await freePort();
    for (const tor of this.all) tor.configure(`SocksPort ${tor === this.client ? `127.0.0.1:${this.socks}` : 0}`);
    this.client.configure('DisableNetwork 1');
    this.service.configure(`${service.replaceAll('{folder}', this.service.folder)}\nDisableNetwork 1`);
    await Promise.all(this.all.map((tor) => tor.start()));
    await this.vote();
    await Promise.all([this.publish(), this.bootstrap()]);
  }

  /** Once every relay told the authority of itself: the first consensus, with all of them. */
  async vote() {
    const { authority, relays } = this;
    await authority.ask('SETEVENTS NEWDESC');
    const known = new Set();
    const note = (text) => { for (const [, name] of text.matchAll(/(?:[~=]|^router )(relay\d+)\b/gm)) known.add(name); };
    note(await authority.ask('GETINFO desc/all-recent'));
    await authority.until(() => { note(authority.heard.join('\n')); return known.size === relays.length; }, 'every relay told of itself');
    await authority.ask('SETCONF TestingV3AuthInitialVotingInterval=5 TestingV3AuthVotingStartOffset=0');
    await authority.until(() => /Published microdesc consensus/.test(authority.log), 'the first consensus');
    await Promise.all(relays.map(async (relay) => {
      await relay.ask('SETEVENTS STATUS_CLIENT');
      await relay.ask('SIGNAL RELOAD'); // ask now, not when the next try is due
      await relay.event(/BOOTSTRAP PROGRESS=(7[5-9]|[89]\d|100) /, 'it knows the others');
    }));
  }

  async publish() {
    await this.service.ask('SETEVENTS HS_DESC');
    await this.service.ask('SETCONF DisableNetwork=0');
    await this.service.event(/HS_DESC UPLOADED/, 'its address is known to the network');
  }

  async bootstrap() {
    await this.client.ask('SETEVENTS STATUS_CLIENT STREAM');
    await this.client.ask('SETCONF DisableNetwork=0');
    await this.client.event(/BOOTSTRAP .*TAG=done/, 'it can be used');
  }

  /** Every way that visitors have to the service breaks. */
  async drop() {
    const ways = (await this.client.ask('GETINFO circuit-status')).split('\n').filter((line) => /PURPOSE=HS_CLIENT_REND\b/.test(line));
    for (const way of ways) await this.client.ask(`CLOSECIRCUIT ${way.match(/\d+(?= \w+ )/)[0]}`);
    return ways.length;
  }

  async remove() {
    await Promise.all((this.all ?? []).map((tor) => tor.stop()));
    rmSync(this.folder, { recursive: true, force: true });
  }
}
