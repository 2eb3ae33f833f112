// Where it listens: on the configured address, and on no other of this machine.
import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { after, test } from 'node:test';
import { Daemon } from '../browser/daemon.mjs';

const daemons = [];
after(() => Promise.all(daemons.map((daemon) => daemon.remove())));

const open = (host, port) => new Promise((resolve) => {
  const socket = connect({ host, port });
  socket.on('connect', () => { socket.destroy(); resolve(true); });
  socket.on('error', () => resolve(false));
});

async function listening(config) {
  const daemon = await Daemon.create(config);
  daemons.push(daemon);
  await daemon.start();
  const found = {};
  for (const host of ['127.0.0.1', '127.0.0.2', '::1'])
    found[host] = [await open(host, daemon.port), await open(host, daemon.metrics)];
  return found;
}

test('by default: pages and metrics on 127.0.0.1 alone', async () => {
  assert.deepEqual(await listening(''), { '127.0.0.1': [true, true], '127.0.0.2': [false, false], '::1': [false, false] });
});

test('on an address of its own for each', async () => {
  assert.deepEqual(await listening('  address: 127.0.0.2\n  metrics_address: 127.0.0.1\n'),
    { '127.0.0.1': [false, true], '127.0.0.2': [true, false], '::1': [false, false] });
});

test('on every IPv4 address when that is asked for', async () => {
  assert.deepEqual((await listening('  address: 0.0.0.0\n'))['127.0.0.2'], [true, false]);
});

test('on IPv6', { skip: !await open6() && 'this machine has no IPv6' }, async () => {
  assert.deepEqual(await listening('  address: "::1"\n'), { '127.0.0.1': [false, true], '127.0.0.2': [false, false], '::1': [true, false] });
});

test('on every address, of both kinds', { skip: !await open6() && 'this machine has no IPv6' }, async () => {
  assert.deepEqual(await listening('  address: "::"\n'), { '127.0.0.1': [true, true], '127.0.0.2': [true, false], '::1': [true, false] });
});

/** Whether ::1 is an address here: nobody listens, but it is refused rather than unreachable. */
function open6() {
  return new Promise((resolve) => {
    const socket = connect({ host: '::1', port: 1 });
    socket.on('connect', () => resolve(true));
    socket.on('error', (error) => resolve(error.code === 'ECONNREFUSED'));
  });
}
