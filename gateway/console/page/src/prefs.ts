// The settings in use, and their way to the server and back.
import { useEffect, useState } from 'preact/hooks';
import { setSounds } from './alarm';
import { setKeys } from './keys';
import { changeLanguage, page } from './page';
import { defaults, readSettings, type Settings } from './settings';

type Ask = (t: string, keys?: object) => Promise<Record<string, unknown>>;

let current = defaults();
let telephone = '';
let ask: Ask | undefined;
let known = false; // what the server keeps was read
let saving = Promise.resolve();
const listeners = new Set<() => void>();

export const getSettings = (): Settings => current;
export const getTelephone = (): string => telephone;

export function useSettings(): Settings {
  const [, redraw] = useState(0);
  useEffect(() => {
    const listener = () => redraw((count) => count + 1);
    listeners.add(listener);
    return () => void listeners.delete(listener);
  }, []);
  return current;
}

export async function speak(code: string): Promise<void> {
  if (code === page.lang || !page.languages.some((one) => one.code === code && one.console)) return;
  if (await changeLanguage(code)) dispatchEvent(new Event('onthaal-language'));
}

/** In use from now on; nothing is stored. */
export function apply(next: Settings): void {
  current = next;
  setKeys(next.keys);
  setSounds(next.sounds, next.volume);
  listeners.forEach((listener) => listener());
}

async function read(more: Partial<Settings> = {}): Promise<void> {
  const ok = await ask?.('settings');
  if (!ok) throw new Error('nobody is signed in');
  known = true;
  telephone = typeof ok.telephone === 'string' ? ok.telephone : '';
  apply({ ...readSettings(ok.settings), ...more });
}

/** After signing in. */
export async function loadSettings(request: Ask): Promise<void> {
  ask = request;
  saving = saving.then(() => read()).catch(() => undefined); // behind what is being stored
  await saving;
  if (known && current.language) await speak(current.language);
}

/** In use at once, and stored one after the other. Rejects where it could not be stored: also when what
 * is kept there could not be read before, which this would write over. */
export function saveSettings(more: Partial<Settings>): Promise<unknown> {
  apply({ ...current, ...more });
  const result = saving.then(async () => {
    if (!known) await read(more);
    return ask?.('settings', { settings: current });
  });
  saving = result.then(() => undefined, () => undefined);
  return result;
}

/** With the password's proof. Rejects where it was refused. */
export async function saveTelephone(number: string, proof: string): Promise<void> {
  await ask?.('telephone', { telephone: number, password: proof });
  telephone = number;
  listeners.forEach((listener) => listener());
}

/** Another person may sign in on this page. */
export function forgetSettings(): void {
  known = false;
  telephone = '';
  apply(defaults());
}
