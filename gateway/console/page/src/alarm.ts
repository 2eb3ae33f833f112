// Ringing: two sounds that differ in pitch and rhythm, the title, and the icon. The server repeats an
// alarm every 15 s until somebody takes the contact or says that it was seen.
import type { Level } from './protocol';

let context: AudioContext | undefined;
let muted = false;

export type Sound = 'danger' | 'waiting';

export function soundOf(level: Level): Sound {
  return level === 'immediate' || level === 'serious' ? 'danger' : 'waiting';
}

/** Frequency (Hz), start and length (s) of each tone. */
export const TONES: Record<Sound, [number, number, number][]> = {
  danger: [[880, 0, 0.16], [660, 0.2, 0.16], [880, 0.4, 0.16], [660, 0.6, 0.16], [880, 0.8, 0.3]],
  waiting: [[523, 0, 0.25], [659, 0.3, 0.4]],
};

export function setMuted(on: boolean): void {
  muted = on;
}

/** From a click or key, so that the browser lets us ring later. */
export async function unlockSound(): Promise<boolean> {
  context ??= new AudioContext();
  if (context.state !== 'running') await context.resume().catch(() => undefined);
  return context.state === 'running';
}

export function soundBlocked(): boolean {
  return context?.state !== 'running';
}

export function ring(sound: Sound): void {
  if (!context || context.state !== 'running' || muted) return;
  for (const [frequency, start, length] of TONES[sound]) {
    const tone = context.createOscillator();
    const volume = context.createGain();
    const from = context.currentTime + start;
    tone.frequency.value = frequency;
    tone.type = sound === 'danger' ? 'square' : 'sine';
    volume.gain.setValueAtTime(0, from);
    volume.gain.linearRampToValueAtTime(sound === 'danger' ? 0.25 : 0.4, from + 0.02);
    volume.gain.setValueAtTime(sound === 'danger' ? 0.25 : 0.4, from + length - 0.04);
    volume.gain.linearRampToValueAtTime(0, from + length);
    tone.connect(volume).connect(context.destination);
    tone.start(from);
    tone.stop(from + length);
  }
}

const plainTitle = document.title;

/** waiting: how many; danger: whether one of them is in danger or overdue. */
export function badge(waiting: number, danger: boolean): void {
  document.title = waiting ? `${danger ? '⚠ ' : ''}(${waiting}) ${plainTitle}` : plainTitle;
  const icon = document.getElementById('icon') as HTMLLinkElement | null;
  const canvas = document.createElement('canvas');
  canvas.width = canvas.height = 32;
  const draw = canvas.getContext('2d');
  if (!icon || !draw) return;
  draw.fillStyle = danger ? '#a3211c' : waiting ? '#1f6660' : '#7a828a';
  draw.beginPath();
  draw.arc(16, 16, 15, 0, 7);
  draw.fill();
  if (waiting) {
    draw.fillStyle = '#ffffff';
    draw.font = 'bold 20px sans-serif';
    draw.textAlign = 'center';
    draw.textBaseline = 'middle';
    draw.fillText(waiting > 9 ? '9+' : String(waiting), 16, 17);
  }
  icon.href = canvas.toDataURL();
}
