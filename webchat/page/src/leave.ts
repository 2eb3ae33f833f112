// Gone in one tap, or with Shift three times: covered at once, forgotten, and Back leads elsewhere.
import { h } from './dom';
import { forget } from './keep';

const NEUTRAL = 'https://www.wikipedia.org/';
const PRESSES = 3;
const WITHIN_MS = 1500;

export function leaveNow(closeLine: () => void): void {
  document.body.replaceChildren(h('div', { class: 'cover' }));
  document.title = '…';
  closeLine();
  forget();
  location.replace(NEUTRAL);
}

export function watchShift(onLeave: () => void): void {
  let presses: number[] = [];
  addEventListener('keydown', (event) => {
    if (event.key !== 'Shift') {
      presses = [];
      return;
    }
    if (event.repeat) return;
    const now = Date.now();
    presses = [...presses.filter((time) => now - time < WITHIN_MS), now];
    if (presses.length >= PRESSES) onLeave();
  });
}
