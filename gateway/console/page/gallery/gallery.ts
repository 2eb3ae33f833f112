// The real page, whose server is a list of frames: one state of it, told by the address.
import type { Page } from '../src/page';
import { states, type State } from './states';

interface Catalogue { code: string; name: string; dir: 'ltr' | 'rtl'; texts: Record<string, string> }

const wish = new URLSearchParams(location.search);
const name = wish.get('state') ?? '';
const lang = wish.get('lang') ?? 'nl';

class Line extends EventTarget {
  static readonly OPEN = 1;
  readyState = 0;
  onopen?: () => void;
  onclose?: () => void;
  onmessage?: (event: { data: string }) => void;

  constructor(private state: State) {
    super();
    setTimeout(() => {
      this.readyState = 1;
      this.emit('open');
      this.tell({ t: 'hello', ...(state.passkeys && { passkeys: location.hostname }) });
    });
  }

  private emit(kind: 'open' | 'close' | 'message', data?: string): void {
    const event = kind === 'message' ? new MessageEvent('message', { data: data ?? '' }) : new Event(kind);
    this.dispatchEvent(event);
    (this[`on${kind}`] as ((event: Event) => void) | undefined)?.(event);
  }

  private tell(frame: object): void {
    this.emit('message', JSON.stringify(frame));
  }

  send(bytes: string): void {
    const { id, t } = JSON.parse(bytes) as { id?: string; t: string };
    if (!id) return;
    setTimeout(() => {
      this.tell({ t: 'ok', id, ...this.state.answers?.[t] });
      if (t !== 'resume') return;
      this.state.frames.forEach((frame) => this.tell(frame));
      if (this.state.down) this.close();
      setTimeout(() => {
        void Promise.resolve(this.state.act?.()).then(() => document.body.classList.add('done'));
      }, 50);
    });
  }

  close(): void {
    this.readyState = 3;
    this.emit('close');
  }
}

function list(): void {
  document.body.replaceChildren(...Object.keys(states).map((one) => {
    const link = document.createElement('a');
    link.href = `?state=${one}&lang=${lang}`;
    link.textContent = one;
    const line = document.createElement('p');
    line.append(link);
    return line;
  }));
  document.body.classList.add('done');
}

async function show(state: State): Promise<void> {
  const catalogues = await (await fetch('catalogues.json')).json() as Catalogue[];
  const own = catalogues.find(({ code }) => code === lang);
  const page: Page = {
    lang, dir: own?.dir ?? 'ltr', centre: 'VK', team: 'het team', helplines: [], demo: false, texts: own?.texts ?? {},
    languages: catalogues.map(({ code, name: words, dir, texts }) => ({ code, name: words, dir, console: Object.keys(texts).length > 0 })),
  };
  (document.getElementById('page') as HTMLElement).textContent = JSON.stringify(page);
  document.documentElement.lang = lang;
  let lines = 0;
  Object.assign(window, {
    WebSocket: Object.assign(function socket() {
      return lines++ && state.down ? Object.assign(new EventTarget(), { readyState: 0, send: () => undefined, close: () => undefined }) : new Line(state);
    }, { CONNECTING: 0, OPEN: 1, CLOSING: 2, CLOSED: 3 }),
  });
  if (state.stranger) sessionStorage.removeItem('onthaal.session');
  else sessionStorage.setItem('onthaal.session', 'gallery');
  const script = document.createElement('script');
  script.src = 'console.js';
  document.body.append(script);
  if (state.stranger) script.onload = () => setTimeout(() => document.body.classList.add('done'), 100);
}

Object.assign(window, { gallery: { states: Object.keys(states) } });
const found = states[name];
if (found) void show(found);
else list();
