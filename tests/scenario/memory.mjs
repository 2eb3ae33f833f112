// What of some marks is in the memory of a process.
import { randomBytes } from 'node:crypto';
import { closeSync, openSync, readFileSync, readSync } from 'node:fs';
import { until } from './client.mjs';

/** Letters alone: no form of the text that is made of it differs. */
export const mark = (name) => `kanarie${name}${randomBytes(6).toString('hex').replace(/[0-9]/g, (digit) => 'ghijklmnop'[digit])}`;

/** What a sanitizer keeps of freed memory is overwritten, as it is without one. Before a daemon starts. */
export function plainFrees() {
  process.env.ASAN_OPTIONS = `${process.env.ASAN_OPTIONS ?? ''}:max_free_fill_size=1073741824:free_fill_byte=0`;
}

/** What of the marks is in the writable memory of the process. */
export function inMemory(pid, marks) {
  const found = new Set();
  const memory = openSync(`/proc/${pid}/mem`, 'r');
  const longest = 64;
  const chunk = Buffer.alloc(1 << 20);
  for (const line of readFileSync(`/proc/${pid}/maps`, 'utf8').split('\n')) {
    const [, from, to, rights, name] = /^([0-9a-f]+)-([0-9a-f]+) (\S+) \S+ \S+ \S+ *(.*)$/.exec(line) ?? [];
    if (!from || !rights.startsWith('rw') || name.startsWith('[v')) continue;
    const start = BigInt(`0x${from}`);
    const end = BigInt(`0x${to}`);
    if (end - start > 1n << 30n) continue; // a sanitizer's shadow
    for (let at = start; at < end; at += BigInt(chunk.length - longest)) {
      const length = Number(end - at < BigInt(chunk.length) ? end - at : BigInt(chunk.length));
      let got = 0;
      try {
        got = readSync(memory, chunk, 0, length, at);
      } catch {
        break; // a guard page
      }
      for (const [which, words] of Object.entries(marks)) if (chunk.subarray(0, got).includes(words)) found.add(`${which} in ${name || 'memory'} at ${at.toString(16)}`);
    }
  }
  closeSync(memory);
  return [...found];
}

/** The same, of the process as it is at this moment, however long the search takes. */
export async function stillMemory(pid, marks) {
  process.kill(pid, 'SIGSTOP');
  await until(() => /^State:\s+T/m.test(readFileSync(`/proc/${pid}/status`, 'utf8')), 'the process to stand still');
  const found = inMemory(pid, marks);
  process.kill(pid, 'SIGCONT');
  return found;
}
