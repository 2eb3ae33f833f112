// What the server wrote into the page, and the texts of the language.

export interface Helpline { number: string; name: string; emergency: boolean }
export interface Language { code: string; name: string; dir: 'ltr' | 'rtl'; console: boolean }

export interface Page {
  lang: string;
  dir: 'ltr' | 'rtl';
  languages: Language[];
  centre: string;
  team: string;
  helplines: Helpline[];
  texts: Record<string, string>;
  demo: boolean;
}

export let page: Page;

export function readPage(): void {
  page = JSON.parse(document.getElementById('page')?.textContent ?? '{}') as Page;
}

/** A text of the catalogue; {name} is replaced by values.name. Where it has plural forms (key.one,
 * key.few … key.other), the last number of the values chooses. Numbers are written as the language does. */
export function text(key: string, values: Record<string, string | number> = {}): string {
  const numbers = Object.values(values).filter((value): value is number => typeof value === 'number');
  const count = numbers[numbers.length - 1];
  const form = count === undefined ? 'other' : new Intl.PluralRules(page.lang).select(count);
  const found = page.texts[key] ?? page.texts[`${key}.${form}`] ?? page.texts[`${key}.other`] ?? key;
  return found.replace(/\{(\w+)\}/g, (whole, name: string) => {
    const value = values[name];
    return typeof value === 'number' ? new Intl.NumberFormat(`${page.lang}-u-nu-latn`).format(value) : value ?? whole;
  });
}

export async function changeLanguage(code: string): Promise<boolean> {
  try {
    const answer = await fetch(`/console/texts/${code}.json`, { credentials: 'omit', cache: 'no-store' });
    if (!answer.ok) return false;
    page = (await answer.json()) as Page;
  } catch {
    return false;
  }
  document.documentElement.lang = page.lang;
  document.documentElement.dir = page.dir;
  return true;
}

/** Of a field: what is written goes to no spelling, suggestion or grammar service of a browser's maker. */
export const UNSENT = { autocomplete: 'off', spellcheck: false, writingsuggestions: 'false', 'data-gramm': 'false' };
