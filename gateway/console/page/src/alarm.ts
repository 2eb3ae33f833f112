// Ringing: two sounds that differ in pitch and rhythm, the title, the icon and, with consent, the
// browser's notification. The server repeats an alarm every 15 s until somebody takes the contact or
// says that it was seen.
import type { Level } from './protocol';
import type { Settings } from './settings';

export type Sound = 'danger' | 'waiting';

let context: AudioContext | undefined;
let muted = false;
let wanted: Settings['sounds'] = 'all';
let volume = 2;

export function soundOf(level: Level): Sound {
  return level === 'immediate' || level === 'serious' ? 'danger' : 'waiting';
}

/** Frequency (Hz), start and length (s) of each tone. Both lie where hearing is keenest and small
 * loudspeakers still sound. */
export const TONES: Record<Sound, [number, number, number][]> = {
  danger: [[880, 0, 0.16], [660, 0.2, 0.16], [880, 0.4, 0.16], [660, 0.6, 0.16], [880, 0.8, 0.3]],
  waiting: [[523, 0, 0.25], [659, 0.3, 0.4]],
};
const PEAK: Record<Sound, number> = { danger: 0.25, waiting: 0.4 }; // a square wave is louder than a sine
const LOUDNESS = [0, 0.5, 1, 2]; // by the volume of the settings

export function setSounds(which: Settings['sounds'], loud: number): void {
  wanted = which;
  volume = loud;
}

export function setMuted(on: boolean): void {
  muted = on;
}

/** From a click or key, so that the browser lets us ring later. */
export async function unlockSound(): Promise<boolean> {
  context ??= new AudioContext();
  // a browser that waits for a click leaves this promise open
  if (context.state !== 'running') await Promise.race([context.resume().catch(() => undefined), new Promise((done) => setTimeout(done, 500))]);
  return context.state === 'running';
}

export function soundBlocked(): boolean {
  return context?.state !== 'running';
}

/** Into any context, the real one or one that only computes. */
export function schedule(to: BaseAudioContext, sound: Sound, loud = volume): void {
  const peak = PEAK[sound] * (LOUDNESS[loud] ?? 1);
  for (const [frequency, start, length] of TONES[sound]) {
    const tone = to.createOscillator();
    const gain = to.createGain();
    const from = to.currentTime + start;
    tone.frequency.value = frequency;
    tone.type = sound === 'danger' ? 'square' : 'sine';
    gain.gain.setValueAtTime(0, from);
    gain.gain.linearRampToValueAtTime(peak, from + 0.02);
    gain.gain.setValueAtTime(peak, from + length - 0.04);
    gain.gain.linearRampToValueAtTime(0, from + length);
    tone.connect(gain).connect(to.destination);
    tone.start(from);
    tone.stop(from + length);
  }
}

/** Asked for by hand: whatever the settings are. */
export function playTest(sound: Sound): void {
  if (context?.state === 'running') schedule(context, sound);
}

export function ring(sound: Sound): void {
  if (!muted && (wanted === 'all' || (wanted === 'danger' && sound === 'danger'))) playTest(sound);
}

export type Consent = 'granted' | 'denied' | 'default' | 'missing';

export function notifyConsent(): Consent {
  return typeof Notification === 'undefined' ? 'missing' : Notification.permission;
}

export async function askConsent(): Promise<Consent> {
  if (typeof Notification === 'undefined') return 'missing';
  return Notification.requestPermission().catch(() => 'denied' as const);
}

/** Says that somebody waits, and nothing else: whoever stands behind the screen may read it. Only
 * while the page is out of sight; a newer one takes the place of an older. */
let shown: Notification | undefined;

export function notify(words: string): void {
  if (muted || notifyConsent() !== 'granted' || document.visibilityState === 'visible') return;
  try {
    shown = new Notification('Onthaal', { body: words, tag: 'onthaal', requireInteraction: true });
    shown.onclick = () => {
      window.focus();
      unnotify();
    };
  } catch {
    // a telephone's browser has the interface and does not let a page use it
  }
}

/** Nothing rings any more, or somebody looks. */
export function unnotify(): void {
  shown?.close();
  shown = undefined;
}

const plainTitle = document.title;

/** waiting: how many; danger: whether one of them is in danger or overdue; unread: messages to me, in words. */
export function badge(waiting: number, danger: boolean, unread: string): void {
  document.title = [danger && '⚠', waiting > 0 && `(${waiting})`, unread && `${unread} ·`, plainTitle].filter(Boolean).join(' ');
  const icon = document.getElementById('icon') as HTMLLinkElement | null;
  const canvas = document.createElement('canvas');
  canvas.width = canvas.height = 32;
  const draw = canvas.getContext('2d');
  if (!icon || !draw) return;
  icon.dataset.waiting = danger ? `! ${waiting}` : String(waiting); // for who cannot read a picture: the tests
  draw.fillStyle = danger ? '#a3211c' : waiting ? '#1f6660' : '#7a828a';
  draw.beginPath();
  if (danger) { // a triangle, as in the queue
    draw.moveTo(16, 0);
    draw.lineTo(32, 31);
    draw.lineTo(0, 31);
  } else {
    draw.arc(16, 16, 15, 0, 7);
  }
  draw.fill();
  if (waiting) {
    draw.fillStyle = '#ffffff';
    draw.font = `bold ${danger ? 16 : 20}px sans-serif`;
    draw.textAlign = 'center';
    draw.textBaseline = 'middle';
    draw.fillText(waiting > 9 ? '9+' : String(waiting), 16, danger ? 22 : 17);
  }
  icon.href = canvas.toDataURL();
}
