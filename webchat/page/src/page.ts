// What the server wrote into the page, and the texts of the language.

export interface Helpline { number: string; name: string; emergency: boolean }
export interface Language { code: string; name: string; dir: 'ltr' | 'rtl' }

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

/** The language for Intl, with the digits that telephone numbers have and the hours of here. */
export function locale(): string {
  return `${page.lang}-u-hc-h23-nu-latn`;
}

/** A text of the catalogue; {name} is replaced by values.name. Where it has plural forms (key.one,
 * key.few … key.other), the last number of the values chooses. In a right-to-left language names keep
 * to themselves (U+2068, U+2069), whatever their script. */
export function text(key: string, values: Record<string, string | number> = {}): string {
  const numbers = Object.values(values).filter((value): value is number => typeof value === 'number');
  const count = numbers[numbers.length - 1];
  const form = count === undefined ? 'other' : new Intl.PluralRules(page.lang).select(count);
  const found = page.texts[key] ?? page.texts[`${key}.${form}`] ?? page.texts[`${key}.other`] ?? key;
  return found.replace(/\{(\w+)\}/g, (whole, name: string) => {
    const value = values[name];
    if (typeof value === 'number') return new Intl.NumberFormat(locale()).format(value);
    return value === undefined ? whole : page.dir === 'rtl' ? `\u2068${value}\u2069` : value;
  });
}

export async function changeLanguage(code: string): Promise<boolean> {
  try {
    const answer = await fetch(`/texts/${code}.json`, { credentials: 'omit', cache: 'no-store' });
    if (!answer.ok) return false;
    page = (await answer.json()) as Page;
  } catch {
    return false;
  }
  document.documentElement.lang = page.lang;
  document.documentElement.dir = page.dir;
  return true;
}
