// The keys of the desk, and what each does. `?` shows them.
import type { Shortcut } from './keys';
import { ringing } from './model';
import { text } from './page';
import { getSettings, saveSettings } from './prefs';
import { get, hushAll, refreshQueue, select, take, takeRest } from './store';

export interface Views { help: () => void; settings: () => void }

function step(by: number): void {
  const { tabs, selected } = get();
  const at = tabs.indexOf(selected ?? '');
  const next = tabs[(at + by + tabs.length) % tabs.length];
  if (next) select(next);
}

const say = (name: string, detail: unknown) => () => void dispatchEvent(new CustomEvent(name, { detail }));

function toQueue(): void {
  document.querySelector<HTMLElement>('.queue .pick[tabindex="0"]')?.focus();
}

export function toggleLayout(): void {
  void saveSettings({ layout: getSettings().layout === 'side' ? 'one' : 'side' }).catch(() => undefined);
}

export function shortcuts(views: Views): Shortcut[] {
  return [
    { key: 'n', text: text('queue.next'), run: () => void take() },
    { key: 'q', text: text('queue'), run: toQueue },
    { key: 'o', text: text('queue.refresh'), run: refreshQueue },
    { key: 'h', text: text('alarm.hush'), run: () => ringing(get()).length > 0 && hushAll() },
    { key: 'j', text: text('key.down'), run: () => step(1) },
    { key: 'k', text: text('key.up'), run: () => step(-1) },
    { key: 'v', text: text('layout.one'), run: toggleLayout },
    { key: 'r', text: text('write.reply'), run: say('onthaal-write', 'say') },
    { key: 'm', text: text('write.note'), run: say('onthaal-write', 'note') },
    { key: '+', text: text('key.raise'), run: say('onthaal-level', 1) },
    { key: '-', text: text('key.lower'), run: say('onthaal-level', -1) },
    { key: 't', text: text('chat.return'), run: say('onthaal-ask', 'return') },
    { key: 'c', text: text('chat.close'), run: say('onthaal-ask', 'close') },
    { key: 'p', text: text('key.rest'), run: () => takeRest(getSettings().wrapup || 5) },
    { key: 's', text: text('settings'), run: views.settings },
    { key: '?', text: text('help'), run: views.help },
  ];
}
