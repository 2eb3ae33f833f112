// What a counsellor chose, kept by the server with the person; read with care, for an older or newer
// page wrote it.
import type { Reply } from './protocol';

export interface Settings {
  language: string; // of this page; '': the browser's
  keys: boolean;
  sounds: 'all' | 'danger' | 'none';
  volume: number; // 1 to 3
  notify: boolean; // the browser's consent is asked besides
  fold: boolean; // heavy words, until opened
  layout: 'side' | 'one';
  wrapup: number; // minutes of a pause; 0: none is offered
  replies: Reply[];
}

export const REPLIES_MAX = 40;
export const REPLY_MAX = 1000; // characters
export const KEY_MAX = 20;
export const SETTINGS_BYTES = 12000; // as JSON; the server takes 12,288

export function defaults(): Settings {
  return { language: '', keys: true, sounds: 'all', volume: 2, notify: true, fold: false, layout: 'side', wrapup: 5, replies: [] };
}

function readReplies(raw: unknown): Reply[] {
  if (!Array.isArray(raw)) return [];
  return raw.filter((one): one is Reply => typeof one?.key === 'string' && typeof one?.text === 'string' && typeof one?.language === 'string')
    .slice(0, REPLIES_MAX).map(({ key, language, text }) => ({ key: key.slice(0, KEY_MAX), language, text: text.slice(0, REPLY_MAX) }));
}

export function readSettings(raw: unknown): Settings {
  const given = (typeof raw === 'object' && raw !== null ? raw : {}) as Record<string, unknown>;
  const base = defaults();
  const one = <T>(key: keyof Settings, allowed: readonly T[], otherwise: T): T => (allowed.includes(given[key] as T) ? given[key] as T : otherwise);
  return {
    language: typeof given.language === 'string' && /^[a-z]{2,3}$/.test(given.language) ? given.language : '',
    keys: one('keys', [true, false], base.keys),
    sounds: one('sounds', ['all', 'danger', 'none'] as const, base.sounds),
    volume: one('volume', [1, 2, 3], base.volume),
    notify: one('notify', [true, false], base.notify),
    fold: one('fold', [true, false], base.fold),
    layout: one('layout', ['side', 'one'] as const, base.layout),
    wrapup: one('wrapup', [0, 5, 10, 15], base.wrapup),
    replies: readReplies(given.replies),
  };
}

export function tooLarge(settings: Settings): boolean {
  return new TextEncoder().encode(JSON.stringify(settings)).length > SETTINGS_BYTES;
}
