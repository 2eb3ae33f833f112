// What `cmake --install` gives a server: every file that the program looks for, and a configuration for few eyes.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';
import { BINARY } from '../browser/daemon.mjs';

const to = mkdtempSync(join(tmpdir(), 'onthaal-install-'));
const yaml = `${to}/etc/onthaal/onthaal.yaml`;
const install = () => execFileSync('cmake', ['--install', dirname(BINARY), '--prefix', '/usr/local'], { env: { ...process.env, DESTDIR: to } });
after(() => rmSync(to, { recursive: true, force: true }));

test('every shared file that the sources name is installed', () => {
  install();
  const sources = execFileSync('grep', ['-rhoE', 'ONTHAAL_SHARE "/[a-z.]+"', '--include=*.c', '--exclude-dir=node_modules', 'config', 'gateway', 'ivr'], { encoding: 'utf8' });
  const names = new Set([...sources.matchAll(/"\/([a-z.]+)"/g)].map(([, name]) => name));
  assert.ok(names.size >= 5, [...names].join(' '));
  names.delete('prompts'); // a folder for recordings, which nobody has to have
  for (const name of names) assert.ok(existsSync(`${to}/usr/local/share/onthaal/${name}`), `${name} is not installed`);
  for (const name of ['bin/onthaal', 'share/man/man1/onthaal.1', 'lib/systemd/system/onthaal.service', 'lib/sysusers.d/onthaal.conf',
    'lib/tmpfiles.d/onthaal.conf', 'share/doc/onthaal/proxy/nginx.conf']) assert.ok(existsSync(`${to}/usr/local/${name}`), name);
});

test('the first configuration is not for everybody\'s eyes, and one that is there is left alone', () => {
  assert.equal(statSync(yaml).mode & 0o777, 0o640);
  assert.match(readFileSync(yaml, 'utf8'), /^data: \/var\/lib\/onthaal /m);
  writeFileSync(yaml, '# ours\n');
  install();
  assert.equal(readFileSync(yaml, 'utf8'), '# ours\n');
});
