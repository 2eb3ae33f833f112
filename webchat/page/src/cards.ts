// Short pages to read while one waits. They come when they are needed; reading costs no place.
import { h, show } from './dom';
import { page, text } from './page';
import type { State } from './state';

interface Card { title: string; text: string[] }

export class Cards {
  readonly frame = h('details', { class: 'card read' });
  loaded = Promise.resolve();
  private asked = false;
  private there = false;

  constructor() {
    this.frame.append(h('summary', {}, text('read.title')));
    show(this.frame, false);
  }

  update(state: State): void {
    const waiting = state.stage === 'waiting';
    if (waiting && !this.asked) this.loaded = this.load();
    show(this.frame, waiting && this.there);
  }

  private async load(): Promise<void> {
    this.asked = true;
    try {
      const answer = await fetch(`/cards/${page.lang}.json`, { credentials: 'omit', cache: 'no-store' });
      if (!answer.ok) return;
      const found = (await answer.json()) as { lang: string; dir: string; cards: Card[] };
      this.frame.append(h('p', { class: 'hint' }, text('read.hint')), h('div', { lang: found.lang, dir: found.dir },
        ...found.cards.map((card) => h('details', {}, h('summary', {}, card.title), ...card.text.map((words) => h('p', {}, words))))));
      this.there = found.cards.length > 0;
      show(this.frame, this.there);
    } catch {
      this.asked = false; // no line: with the next change
    }
  }
}
