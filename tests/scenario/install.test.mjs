// What `cmake --install` gives a server, and what a newcomer asks the program.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';
import { BINARY } from '../browser/daemon.mjs';

const to = mkdtempSync(join(tmpdir(), 'onthaal-install-'));
const yaml = `${to}/etc/onthaal/onthaal.yaml`;
const install = () => execFileSync('cmake', ['--install', dirname(BINARY), '--prefix', '/usr/local'], { env: { ...process.env, DESTDIR: to } });
const help = execFileSync(BINARY, ['--help'], { encoding: 'utf8' });
after(() => rmSync(to, { recursive: true, force: true }));

test('every shared file that the sources name is installed', () => {
  install();
  const sources = execFileSync('grep', ['-rhoE', 'ONTHAAL_SHARE "/[a-z.]+"', '--include=*.c', '--exclude-dir=node_modules', 'config', 'gateway', 'ivr'], { encoding: 'utf8' });
  const names = new Set([...sources.matchAll(/"\/([a-z.]+)"/g)].map(([, name]) => name));
  assert.ok(names.size >= 5, [...names].join(' '));
  names.delete('prompts'); // a folder for recordings, which nobody has to have
  for (const name of names) assert.ok(existsSync(`${to}/usr/local/share/onthaal/${name}`), `${name} is not installed`);
  for (const name of ['bin/onthaal', 'share/man/man1/onthaal.1', 'lib/systemd/system/onthaal.service', 'lib/sysusers.d/onthaal.conf',
    'lib/tmpfiles.d/onthaal.conf', 'share/doc/onthaal/proxy/nginx.conf', 'share/doc/onthaal/embed/onthaal-open.js', 'share/doc/onthaal/freeswitch/httapi.xml']) assert.ok(existsSync(`${to}/usr/local/${name}`), name);
});

test('the first configuration is not for everybody\'s eyes, and one that is there is left alone', () => {
  assert.equal(statSync(yaml).mode & 0o777, 0o640);
  assert.match(readFileSync(yaml, 'utf8'), /^data: \/var\/lib\/onthaal /m);
  writeFileSync(yaml, '# ours\n');
  install();
  assert.equal(readFileSync(yaml, 'utf8'), '# ours\n');
});

test('--help helps after any command, and what is left over is asked about', () => {
  for (const command of new Set(help.match(/(?<=^ {2}onthaal )[a-z]+/gm)))
    assert.equal(execFileSync(BINARY, [command, '--help'], { encoding: 'utf8' }), help, command);
  for (const command of ['serve', 'check', 'status']) {
    const { status, stderr } = spawnSync(BINARY, [command, 'extra', '--data', to], { encoding: 'utf8' });
    assert.equal(status, 2, command);
    assert.match(stderr, /what is "extra"\? .* takes options alone/);
  }
});

test('the manual names every command of the program', () => {
  const manual = readFileSync('config/onthaal.1', 'utf8').replace(/^\.(B|BI|BR|RB|RI) /gm, '').replace(/["']|\\f./g, '').replace(/\\-/g, '-');
  for (const [, command, words] of help.matchAll(/^ {2}onthaal ([a-z]+) ([a-z|]+)?/gm)) {
    assert.match(manual, new RegExp(`^${command}\\b`, 'm'), command);
    for (const word of words?.split('|') ?? [])
      assert.match(manual, new RegExp(`\\b${command} ([a-z]+( \\||,) )*(${command} )?${word}\\b`), `${command} ${word}`);
  }
});

test('a name that a page or a terminal would choke on is refused', () => {
  const data = `${to}/data`;
  mkdirSync(data, { mode: 0o700 });
  writeFileSync(`${data}/onthaal.yaml`, '');
  for (const display of ['', 'a\nb', 'a\x1b[31m', 'x'.repeat(65), '$(printf "\\377")']) {
    const { status, stderr } = spawnSync('sh', ['-c', `exec "$0" staff add bram --data "$1" --display "${display.startsWith('$(') ? display : '$2'}"`, BINARY, data, display], { encoding: 'utf8' });
    assert.equal(status, 2, JSON.stringify(display));
    assert.match(stderr, /--display has 1 to 64 bytes of text, on one line/);
  }
  const { status, stdout } = spawnSync(BINARY, ['staff', 'add', 'bram', '--data', data, '--display', `Zoë ${'x'.repeat(59)}`], { encoding: 'utf8' });
  assert.equal(status, 0);
  assert.match(stdout, /#invite=[\w-]{43}\n/);
});
