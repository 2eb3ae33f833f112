// The conversation's list: what is there stays in place, only what changed is touched.
import { h, put } from './dom';
import { locale, page, text } from './page';
import type { Message, State } from './state';

const NEAR_END = 60; // px

interface Row { item: HTMLLIElement; meta?: HTMLElement; message: Message; mark: string }

function clock(time: number): string {
  return new Intl.DateTimeFormat(locale(), { hour: '2-digit', minute: '2-digit' }).format(time);
}

function mark(message: Message, state: State): string {
  if (message.from !== 'me') return '';
  if (message.failed) return text('chat.failed');
  if (message.n === 0) return state.line === 'up' && !state.trouble ? text('chat.sending') : text('chat.unsent');
  return message.n <= state.theyRead ? text('chat.read') : text('chat.stored');
}

export class Log {
  private readonly list = h('ol');
  private readonly live = h('div', { class: 'log', role: 'log', 'aria-live': 'polite', 'aria-relevant': 'additions', 'aria-label': text('chat.log') }, this.list);
  /** What scrolls: also what stands before the conversation and after it. */
  readonly frame: HTMLElement;
  private rows = new Map<string, Row>();
  private atEnd = true;

  constructor(before: HTMLElement[], after: HTMLElement[]) {
    this.frame = h('div', { class: 'talk', role: 'group', 'aria-label': text('chat.log'), tabindex: '0' }, ...before, this.live, ...after);
    this.frame.addEventListener('scroll', () => {
      this.atEnd = this.frame.scrollHeight - this.frame.scrollTop - this.frame.clientHeight < NEAR_END;
    }, { passive: true });
  }

  update(state: State): void {
    let before: Element | null = null;
    let added = false;
    const keys = new Set(state.messages.map((message) => message.key));
    for (const [key, row] of this.rows)
      if (!keys.has(key)) {
        row.item.remove(); // another conversation, or one that is forgotten
        this.rows.delete(key);
      }
    for (const message of state.messages) {
      let row = this.rows.get(message.key);
      if (!row) {
        row = this.make(message, state);
        this.rows.set(message.key, row);
        added = true;
      }
      const expected: Element | null = before ? before.nextElementSibling : this.list.firstElementChild;
      if (expected !== row.item) this.list.insertBefore(row.item, expected);
      this.refresh(row, message, state);
      before = row.item;
    }
    if (added && (this.atEnd || state.messages[state.messages.length - 1]?.from === 'me')) this.toEnd();
  }

  /** The newest words stay in sight when the keyboard takes its part, unless one has scrolled up. */
  keepEnd(): void {
    if (this.atEnd && this.rows.size) this.toEnd();
  }

  private toEnd(): void {
    this.frame.scrollTop = this.frame.scrollHeight;
  }

  private make(message: Message, state: State): Row {
    if (message.from === 'system') {
      const words = text(message.text, { name: state.name || page.team });
      return { item: h('li', { class: 'system' }, words), message, mark: '' };
    }
    const author = message.from === 'me' ? text('chat.me') : state.name || page.team;
    const meta = h('span', { class: 'meta' });
    const item = h('li', { class: message.from },
      h('span', { class: 'author' }, author),
      h('p', { dir: 'auto', translate: 'no' }, message.text),
      meta);
    return { item, meta, message, mark: ' ' };
  }

  private refresh(row: Row, message: Message, state: State): void {
    if (!row.meta) return;
    const now = mark(message, state);
    if (row.mark === now) return;
    row.mark = now;
    row.message = message;
    row.item.classList.toggle('unsent', message.n === 0);
    row.item.classList.toggle('failed', message.failed !== undefined);
    put(row.meta, now ? `${clock(message.time)} · ${now}` : clock(message.time));
  }
}
