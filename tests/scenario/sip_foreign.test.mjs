// From a host that really is another, in a network of its own: what it gets without TLS, and with it.
import assert from 'node:assert/strict';
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { authorize, Caller } from '../sip/caller.mjs';
import { certificate } from '../sip/certificate.mjs';
import { Phone } from '../sip/phone.mjs';
import { secondsOf, tone } from '../sip/sound.mjs';
import { telephone } from '../sip/telephone.mjs';

const NETWORK = ['-r', '-n'];

function ip(...args) {
  execFileSync('ip', args, { stdio: ['ignore', 'ignore', 'inherit'] });
}

/** A second network, joined to ours by one cable: 192.0.2.1 here, 192.0.2.2 there. Gives who keeps it. */
async function layCable() {
  const keeper = spawn('unshare', ['-n', 'sh', '-c', 'echo up; exec sleep 120'], { stdio: ['ignore', 'pipe', 'inherit'] });
  await new Promise((resolve) => { keeper.stdout.once('data', resolve); });
  ip('link', 'set', 'lo', 'up');
  ip('link', 'add', 'here', 'type', 'veth', 'peer', 'name', 'there');
  ip('link', 'set', 'there', 'netns', String(keeper.pid));
  ip('address', 'add', '192.0.2.1/24', 'dev', 'here');
  ip('link', 'set', 'here', 'up');
  for (const args of [['address', 'add', '192.0.2.2/24', 'dev', 'there'], ['link', 'set', 'there', 'up'], ['link', 'set', 'lo', 'up']])
    execFileSync('nsenter', ['-t', String(keeper.pid), '-n', 'ip', ...args]);
  return keeper;
}

async function inside() {
  const folder = mkdtempSync(join(tmpdir(), 'onthaal-foreign-')), ca = join(folder, 'ca.pem');
  const made = certificate('IP:192.0.2.1');
  writeFileSync(ca, made.certificate);
  const keeper = await layCable();
  const phone = await Phone.start({ address: '192.0.2.1', files: { 'sip.pem': made.certificate, 'sip.key': made.key },
    sip: '  certificate: sip.pem\n  key: sip.key\n  allow: [192.0.2.1]\n  staff:\n    - {name: anna, password: lang-genoeg}\n',
    rules: ['on incoming answer; connect target=anna seconds=20 accept=none', 'on dropped hangup'] });
  const caller = await Caller.create(phone.port, { address: '192.0.2.1', to: '192.0.2.1' });
  try {
    const foreign = spawn('nsenter', ['-t', String(keeper.pid), '-n', process.execPath,
      fileURLToPath(new URL('../sip/foreign.mjs', import.meta.url)), phone.port, phone.tlsPort, ca], { stdio: ['ignore', 'pipe', 'inherit'] });
    let text = '';
    const registered = new Promise((resolve) => {
      foreign.stdout.on('data', (bytes) => { text += bytes; if (text.includes('registered')) resolve(); });
    });
    const ended = new Promise((resolve) => { foreign.on('exit', resolve); });
    await Promise.race([registered, ended]);
    assert.equal((await phone.figures()).softphones, 1, text);
    await caller.invite();
    assert.equal(await ended, 0);
    const said = JSON.parse(text.split('\n').find((line) => line.startsWith('{')));
    assert.deepEqual(said, { udp: 'SIP/2.0 403 TLS Required', invite: 0, tcp: 'SIP/2.0 403 TLS Required', asked: 'SIP/2.0 401 Unauthorized',
      tls: 'SIP/2.0 200 OK', rung: said.rung });
    assert.match(said.rung, /^INVITE sip:anna@192\.0\.2\.2:\d+;transport=tls SIP\/2\.0$/);
  } finally {
    caller.close();
    await phone.stop();
    keeper.kill();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Many softphones take an address of the network as theirs, also for what is on their own machine. */
async function onThisMachine() {
  const keeper = await layCable();
  const phone = await Phone.start({ prompts: { 'any/music': tone(700, 2) }, sip: '  staff:\n    - {name: anna, password: lang-genoeg}\n',
    rules: ['on incoming answer; hold segment=music@any seconds=60', 'on poll connect target=anna seconds=20 accept=none'] });
  const caller = await Caller.create(phone.port, { address: '192.0.2.1' });
  const anna = await telephone(phone, { address: '192.0.2.1' });
  try {
    const uri = 'sip:127.0.0.1', address = { uri, call: 'anna' };
    const register = (more) => anna.request('REGISTER', { ...address, ...more }).replace(/To: [^\r]+/, 'To: <sip:anna@127.0.0.1>');
    anna.send(register());
    const asked = await anna.final('REGISTER');
    assert.equal(asked.status, 401);
    anna.send(register({ seq: 2, headers: authorize(asked.header('www-authenticate'), { method: 'REGISTER', uri, user: 'anna', password: 'lang-genoeg' }) }));
    assert.equal((await anna.final('REGISTER')).status, 200);
    assert.equal((await caller.invite()).status, 200);
    await caller.hears((heard) => secondsOf(heard, 700) > 0.5);
    phone.say('poll');
    await anna.rings();
    await anna.pickUp();
    await phone.event(/^leg keys=-/); // asked
    await anna.press('1');
    await phone.event(/event=accepted/);
    const speaking = anna.speak(tone(1100, 10));
    await caller.hears((heard) => secondsOf(heard, 1100) > 0.5);
    anna.hush();
    await speaking;
    assert.equal((await caller.bye()).status, 200);
  } finally {
    caller.close();
    anna.close();
    await phone.stop();
    keeper.kill();
  }
}

if (process.env.ONTHAAL_INSIDE) {
  await { inside, onThisMachine }[process.env.ONTHAAL_INSIDE]();
} else {
  const refused = spawnSync('unshare', [...NETWORK, 'true']).status !== 0;
  const skip = refused ? 'this system lets nobody make a network of their own' : false;
  const run = (part) => {
    const { status, stderr } = spawnSync('unshare', [...NETWORK, process.execPath, fileURLToPath(import.meta.url)],
      { env: { ...process.env, ONTHAAL_INSIDE: part }, encoding: 'utf8', timeout: 60000 });
    assert.equal(status, 0, stderr);
  };
  test('registering from another host wants TLS', { skip }, () => run('inside'));
  test('who listens on loopback is called and registered with from every address of the machine', { skip }, () => run('onThisMachine'));
}
