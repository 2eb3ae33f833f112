// The conversation's list: what is there stays in place, only what changed is touched.
import { h, put } from './dom';
import { page, text } from './page';
import type { Message, State } from './state';

interface Row { item: HTMLLIElement; meta?: HTMLElement; message: Message; mark: string }

function clock(time: number): string {
  return new Intl.DateTimeFormat(page.lang, { hour: '2-digit', minute: '2-digit' }).format(time);
}

function mark(message: Message, state: State): string {
  if (message.from !== 'me') return '';
  if (message.failed) return text('chat.failed');
  if (message.n === 0) return state.line === 'up' && !state.trouble ? text('chat.sending') : text('chat.unsent');
  return message.n <= state.theyRead ? text('chat.read') : text('chat.stored');
}

export class Log {
  private readonly list = h('ol');
  readonly frame = h('div', { class: 'log', role: 'log', 'aria-live': 'polite', tabindex: '0' }, this.list);
  private rows = new Map<string, Row>();

  constructor() {
    this.frame.setAttribute('aria-label', text('chat.log'));
  }

  update(state: State): void {
    const bottom = this.frame.scrollHeight - this.frame.scrollTop - this.frame.clientHeight < 60;
    let before: Element | null = null;
    let added = false;
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
    if (bottom || (added && state.messages[state.messages.length - 1]?.from === 'me')) this.toEnd();
  }

  toEnd(): void {
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
      h('p', { dir: 'auto' }, message.text),
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
