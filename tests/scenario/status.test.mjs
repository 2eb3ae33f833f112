// onthaal status: what it says of a daemon that runs, and why it can say nothing of one that does not.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { after, before, test } from 'node:test';
import { BINARY, Daemon } from '../browser/daemon.mjs';
import { breaches, Counsellor, until, Visitor } from './client.mjs';

let daemon;
before(async () => {
  daemon = await Daemon.create();
});
after(() => daemon.remove());

const status = async () => spawnSync(BINARY, ['status', '--data', daemon.folder], { encoding: 'utf8' });

test('who waits, how urgent, and who is there', async () => {
  await daemon.start();
  const visitors = [];
  for (const words of ['hallo, een vraagje', 'papa slaat mij nu met zijn riem, help', undefined]) {
    const child = await new Visitor(daemon).start();
    if (words) child.say(words);
    visitors.push(child);
  }
  await until(() => visitors[0].acknowledged.size && visitors[1].acknowledged.size, 'both to be stored');
  let { stdout, stderr, status: code } = await status();
  assert.deepEqual([code, stderr], [0, '']);
  assert.match(stdout, /^onthaal \d+\.\d+\.\d+, open, storing\n/);
  assert.match(stdout, /^waiting {3}immediate 1, serious 0, elevated 0, none 2; longest \d+:\d\d; visitor away 0$/m);
  assert.match(stdout, /^taken {5}0 by 0 on duty$/m);
  assert.match(stdout, /^open {6}3 visitors' pages, 0 consoles$/m);
  assert.match(stdout, /^rules {5}[0-9a-f]{12}$/m);

  const anke = await new Counsellor(daemon, 'Anke').signUp();
  await anke.request('take');
  visitors[2].line.drop();
  await until(async () => /^open {6}2 visitors' pages, 1 consoles$/m.test((await status()).stdout), 'the one who left to be seen');
  ({ stdout } = await status());
  assert.match(stdout, /^waiting {3}immediate 0, serious 0, elevated 0, none 2;/m);
  assert.match(stdout, /^taken {5}1 by 1 on duty$/m);
  assert.deepEqual(breaches, []);
  await daemon.stop();
});

test('nobody there', async () => {
  const { stdout, stderr, status: code } = await status();
  assert.deepEqual([code, stdout], [1, '']);
  assert.match(stderr, new RegExp(`^onthaal: nobody answers at http://127\\.0\\.0\\.1:${daemon.metrics}/status \\(.+\\): is it running\\?\n$`));
});

test('another program there', async () => {
  const other = createServer((request, response) => response.end('hello'));
  await new Promise((resolve) => other.listen(daemon.metrics, '127.0.0.1', resolve));
  const child = spawn(BINARY, ['status', '--data', daemon.folder]);
  let said = '';
  child.stderr.on('data', (bytes) => { said += bytes; });
  assert.equal(await new Promise((resolve) => { child.on('close', resolve); }), 1);
  assert.match(said, /^onthaal: another program answers at http/);
  other.close();
});

test('asked over IPv6, and not at all', async () => {
  daemon.configure('  metrics_address: "::1"\n');
  await daemon.start();
  assert.match((await status()).stdout, /^onthaal /);
  await daemon.stop();
  daemon.configure('');
  const file = `${daemon.folder}/onthaal.yaml`;
  writeFileSync(file, readFileSync(file, 'utf8').replace(/metrics_port: \d+/, 'metrics_port: 0'));
  assert.match((await status()).stderr, /server\.metrics_port is 0: nothing can be asked/);
});
