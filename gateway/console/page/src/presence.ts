// Tells the server that a person is at this window: a lock that only counted what is asked for would
// come over somebody who reads, and `read` is said by the page itself.
import { get, wire } from './store';

const EVERY = 60_000; // at most; ms

let told = 0;

function here(): void {
  const model = get();
  const now = performance.now();
  if (!model.signed || model.locked || (told && now - told < EVERY)) return;
  told = now;
  wire.send({ t: 'here' });
}

export function watchPresence(): void {
  for (const kind of ['pointermove', 'pointerdown', 'keydown', 'wheel'])
    addEventListener(kind, here, { passive: true, capture: true });
}
