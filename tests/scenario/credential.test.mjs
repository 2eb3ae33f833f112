// The server's key as systemd's credential: what is under way opens with it, and with nothing else.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { Daemon } from '../browser/daemon.mjs';
import { Visitor, breaches, until } from './client.mjs';

test('a conversation goes on with the key that systemd gives, in the cage', async () => {
  const daemon = await Daemon.create();
  const given = mkdtempSync(join(tmpdir(), 'onthaal-given-'));
  try {
    await daemon.start();
    const child = await new Visitor(daemon).start();
    child.say('een');
    await until(() => child.acknowledged.size === 1, 'the first message to be stored');
    child.line.drop();
    await daemon.stop();

    mkdirSync(join(given, 'unit'));
    renameSync(join(daemon.folder, 'server.key'), join(given, 'unit', 'server.key'));
    await assert.rejects(daemon.start(), /server\.key is missing/);
    await daemon.start(['env', `CREDENTIALS_DIRECTORY=${join(given, 'unit')}`]);
    assert.match(daemon.log, /msg="the cage is closed"/);
    await child.connect();
    child.say('twee');
    await until(() => child.acknowledged.size === 2, 'the second message to be stored');
    assert.deepEqual(child.faults, []);
    await daemon.stop();
    assert.deepEqual(breaches, []);
  } finally {
    await daemon.remove();
    rmSync(given, { recursive: true });
  }
});
