import { page, text } from './page';
import type { Event, Level } from './protocol';

/** Colour is never alone: each level has a shape and a word. */
export const SHAPES: Record<Level, string> = { immediate: '▲', serious: '◆', elevated: '●', none: '○' };

export function clock(time: number): string {
  return new Intl.DateTimeFormat(page.lang, { hour: '2-digit', minute: '2-digit' }).format(time);
}

export function minutes(ms: number): string {
  const whole = Math.max(0, Math.floor(ms / 60000));
  return whole < 60 ? text('minutes', { minutes: whole }) : text('hours', { hours: Math.floor(whole / 60), minutes: whole % 60 });
}

export function known(section: string, value: string): string {
  return value ? text(`${section}.${value}`) : text('unknown');
}

export function language(code: string): string {
  return page.languages.find((one) => one.code === code)?.name ?? (code || text('unknown'));
}

/** What a flag is about, in the counsellor's language; a centre's own rules may have categories of their own. */
export function category(word: string): string {
  return page.texts[`category.${word}`] ?? word.replace(/_/g, ' ');
}

/** What is left, rounded up. */
export function duration(ms: number): string {
  const seconds = Math.max(0, Math.ceil(ms / 1000));
  return seconds < 90 ? text('seconds', { seconds }) : minutes(Math.ceil(seconds / 60) * 60000);
}

/** An event that is neither a message nor a note, in words. */
export function happened(event: Event): string {
  if (event.kind === 'level' && event.author === 'visitor') return text('event.danger');
  const why = event.kind === 'call' ? text(`call.${event.stage ?? ''}`) : event.kind === 'level' ? `${text(`level.${event.level ?? 'none'}`)}: ${event.text ?? ''}` : '';
  return text(`event.${event.kind}`, { by: event.by ?? '', why });
}
