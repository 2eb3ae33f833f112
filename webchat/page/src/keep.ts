// What outlives a reload of this tab, and nothing else: sessionStorage, gone with the tab.
import type { Answers } from './protocol';

const KEY = 'onthaal';

export interface Kept {
  startId?: string;
  secret?: string;
  answers?: Answers;
  lang?: string;
  leaving?: string;
  unsent?: { id: string; text: string; time: number }[];
}

export function load(): Kept {
  try {
    return JSON.parse(sessionStorage.getItem(KEY) ?? '{}') as Kept;
  } catch {
    return {};
  }
}

export function save(kept: Kept): void {
  try {
    sessionStorage.setItem(KEY, JSON.stringify(kept));
  } catch {
    // a browser that keeps nothing: the conversation lives as long as the page
  }
}

export function forget(): void {
  try {
    sessionStorage.clear();
  } catch {
    // nothing was kept
  }
}

export function randomId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(18));
  return btoa(String.fromCharCode(...bytes)).replace(/\+/g, '-').replace(/\//g, '_');
}
