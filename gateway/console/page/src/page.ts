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

/** A text of the catalogue; {name} is replaced by values.name. */
export function text(key: string, values: Record<string, string | number> = {}): string {
  const found = page.texts[key] ?? key;
  return found.replace(/\{(\w+)\}/g, (whole, name: string) => (name in values ? String(values[name]) : whole));
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
