// The page's half of the sealing: what it locks only the same password opens, and what it seals opens.
import assert from 'node:assert/strict';
import { createDecipheriv, hkdfSync, webcrypto } from 'node:crypto';
import { test } from 'node:test';
import * as vault from '../src/vault';

if (!globalThis.crypto) Object.defineProperty(globalThis, 'crypto', { value: webcrypto }); // Node 18

test('a password is stretched the same way everywhere, and sent as a proof alone', async () => {
  const first = await vault.stretch('Anke', 'een lange zin');
  const again = await vault.stretch(' aNKE ', 'een lange zin');
  const other = await vault.stretch('anke', 'een lange zon');
  assert.equal(first.proof, again.proof);
  assert.notEqual(first.proof, other.proof);
  assert.match(first.proof, /^[\w-]{43}$/);
  assert.equal(first.proof.includes('zin'), false);
});

test('a private key is locked by the password', async () => {
  const pair = await vault.makePair();
  const mine = await vault.stretch('anke', 'een lange zin');
  const other = await vault.stretch('anke', 'een andere zin');
  const locked = await vault.lockVault(mine.lock, pair);
  assert.deepEqual(await vault.openVault(mine.lock, locked, pair.public), pair.private);
  await assert.rejects(vault.openVault(other.lock, locked, pair.public));
  await assert.rejects(vault.openVault(mine.lock, locked, (await vault.makePair()).public));
});

test('a contact key opens for its contact alone, and a share for its key', async () => {
  const pair = await vault.makePair();
  const key = crypto.getRandomValues(new Uint8Array(32));
  const sealed = await vault.sealContact(pair.public, '00000000000000ff', key);
  assert.deepEqual(await vault.openContact(pair.private, '00000000000000ff', sealed), key);
  await assert.rejects(vault.openContact(pair.private, '00000000000000fe', sealed));
  const group = await vault.makePair();
  const share = await vault.sealShare(pair.public, group);
  assert.equal(share.length, 80);
  assert.deepEqual(await vault.openShare(pair.private, share, group.public), group.private);
  await assert.rejects(vault.openShare(pair.private, share, pair.public));
});

test('bytes and their text', () => {
  for (const length of [0, 1, 2, 3, 80]) {
    const bytes = crypto.getRandomValues(new Uint8Array(length));
    assert.deepEqual(vault.bytesOf(vault.textOf(bytes)), bytes);
  }
});

test('a passkey locks the key once more, for itself alone', async () => {
  const pair = await vault.makePair();
  const secret = () => new Uint8Array(32).fill(7);
  const [mine, other] = [new Uint8Array([1, 2, 3]), new Uint8Array([1, 2, 4])];
  const given = secret();
  const lock = await vault.lockOf(given);
  assert.deepEqual(given, new Uint8Array(32)); // wiped
  const locked = await vault.lockVault(lock, pair, mine);
  assert.equal(locked.length, 60);
  assert.deepEqual(await vault.openVault(await vault.lockOf(secret()), locked, pair.public, mine), pair.private);
  await assert.rejects(vault.openVault(lock, locked, pair.public, other));
  await assert.rejects(vault.openVault(lock, locked, (await vault.makePair()).public, mine));
  await assert.rejects(vault.openVault(lock, locked, pair.public)); // nor in the place of the password's
  await assert.rejects(vault.openVault(await vault.lockOf(new Uint8Array(32).fill(8)), locked, pair.public, mine));
});

test('what a passkey gives is stretched as PROTOCOL.md says', async () => {
  const secret = new Uint8Array(32).fill(7);
  const key = Buffer.from(hkdfSync('sha256', secret, '', 'onthaal.vault.passkey.1', 32));
  const lock = await vault.lockOf(secret);
  const pair = await vault.makePair();
  const locked = Buffer.from(await vault.lockVault(lock, pair, new Uint8Array([9])));
  const open = createDecipheriv('aes-256-gcm', key, locked.subarray(0, 12));
  open.setAAD(Buffer.concat([Buffer.from('onthaal.vault.passkey.1'), pair.public, Buffer.from([9])]));
  open.setAuthTag(locked.subarray(44));
  assert.deepEqual(new Uint8Array(Buffer.concat([open.update(locked.subarray(12, 44)), open.final()])), pair.private);
});
