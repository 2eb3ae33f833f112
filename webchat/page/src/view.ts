// The page itself. It is built once for each language, and then kept up to date with the state.
import { Cards } from './cards';
import { CodeBox, CodeForm } from './code';
import { h, put, show, UNSENT } from './dom';
import { Log } from './log';
import { page, text } from './page';
import type { Answers } from './protocol';
import { languageOptions } from './questions';
import { helplines, stageCard, stageKey } from './stages';
import type { State } from './state';

export interface Actions {
  language: (code: string) => void;
  leave: () => void;
  answer: (answers: Answers) => void;
  start: (answers: Answers) => void;
  say: (words: string) => void;
  typing: (on: boolean) => void;
  end: () => void;
  again: () => void;
  code: () => void;
  giveCode: (words: string) => void;
  goOn: () => void;
  retry: () => void;
}

const COUNTER_FROM = 300; // characters left

export class View {
  private readonly banner = h('div', { class: 'banner', role: 'status' });
  private readonly bannerText = h('span');
  private readonly retry: HTMLButtonElement;
  private readonly stage = h('div', { class: 'stage' });
  private readonly chat = h('section', { class: 'chat' });
  private readonly waiting = h('div', { class: 'card wait' });
  private readonly place = h('p', { class: 'place', role: 'status' });
  private readonly range = h('p');
  private readonly danger = h('p');
  private readonly typing = h('p', { class: 'typing', role: 'status' });
  private readonly log: Log;
  private readonly writeHint = h('p', { class: 'hint' }, text('waiting.write'));
  private readonly below: HTMLElement;
  private readonly body: HTMLElement;
  private readonly cards = new Cards();
  private readonly code: CodeBox;
  private readonly codeForm: CodeForm;
  private readonly input: HTMLTextAreaElement;
  private readonly counter = h('p', { class: 'counter', id: 'counter', role: 'status' });
  private readonly form: HTMLFormElement;
  private readonly end: HTMLButtonElement;
  private readonly endAsk: HTMLElement;
  private shown = '';
  private characters = 4000;

  constructor(root: HTMLElement, private readonly actions: Actions, draft: string) {
    this.retry = h('button', { type: 'button', class: 'quiet', onclick: () => actions.retry() }, text('line.retry'));
    this.banner.append(this.bannerText, this.retry);
    this.input = h('textarea', {
      id: 'words', rows: '1', dir: 'auto', ...UNSENT, 'aria-describedby': 'counter', enterkeyhint: 'enter',
      placeholder: text('chat.placeholder'),
      oninput: () => this.typed(),
      onkeydown: (event: KeyboardEvent) => this.key(event),
    });
    this.input.value = draft;
    this.form = h('form', {
      class: 'composer',
      onsubmit: (event: SubmitEvent) => {
        event.preventDefault();
        this.submit();
      },
    },
    h('label', { for: 'words', class: 'hidden' }, text('chat.write')),
    this.input,
    h('button', { type: 'submit', class: 'primary send' }, text('chat.send')),
    this.counter);
    this.code = new CodeBox(actions.code);
    this.codeForm = new CodeForm(actions.giveCode);
    this.end = h('button', { type: 'button', class: 'quiet', onclick: () => this.askEnd(true) }, text('chat.end'));
    this.endAsk = h('div', { class: 'card ask', role: 'group' },
      h('p', {}, text('chat.end.ask')),
      h('div', { class: 'actions' },
        h('button', { type: 'button', class: 'primary', onclick: () => actions.end() }, text('chat.end.yes')),
        h('button', { type: 'button', class: 'quiet', onclick: () => this.askEnd(false) }, text('chat.end.no'))));
    this.waiting.append(h('h2', { tabindex: '-1' }, text('waiting.title')), this.place, this.range, this.danger);
    this.log = new Log([this.writeHint, this.cards.frame], [this.code.box]);
    this.below = h('div', { class: 'below' }, this.code.button, this.end);
    this.chat.append(this.waiting, this.log.frame, this.typing, this.endAsk, this.form, this.below);
    this.askEnd(false);
    this.body = this.main();
    root.replaceChildren(this.header(), this.body, this.footer());
  }

  get draft(): string {
    return this.input.value;
  }

  /** Resolves once what comes later (cards to read) is there. */
  ready(): Promise<void> {
    return this.cards.loaded;
  }

  /** The screen has another size. */
  resized(): void {
    this.log.keepEnd();
  }

  update(state: State): void {
    this.characters = state.characters;
    this.updateBanner(state);
    const chatting = state.stage === 'waiting' || state.stage === 'taken';
    show(this.chat, chatting || (state.stage === 'ended' && state.messages.length > 0));
    show(this.waiting, state.stage === 'waiting');
    show(this.form, chatting);
    show(this.below, chatting && this.endAsk.hidden);
    show(this.writeHint, state.stage === 'waiting');
    this.body.classList.toggle('chatting', chatting);
    if (state.ended === 'forgotten') this.input.value = '';
    this.cards.update(state);
    this.code.update(state);
    this.codeForm.update(state);
    if (!chatting) this.askEnd(false);
    this.updateStage(state);
    this.updatePlace(state);
    put(this.typing, state.theyType ? text('chat.typing', { name: state.name || page.team }) : '');
    this.log.update(state);
  }

  private header(): HTMLElement {
    const select = h('select', { 'aria-label': text('language'), onchange: () => this.actions.language(select.value) },
      ...languageOptions(page.lang));
    return h('header', { class: 'top' },
      h('h1', {}, page.centre),
      h('div', { class: 'tools' }, select,
        h('button', { type: 'button', class: 'leave', title: text('leave.hint'), onclick: () => this.actions.leave() },
          text('leave'))));
  }

  private main(): HTMLElement {
    return h('main', {}, page.demo && h('p', { class: 'demo' }, text('demo')), this.banner, this.stage, this.codeForm.frame, this.chat);
  }

  private footer(): HTMLElement {
    const emergency = page.helplines.find((line) => line.emergency);
    return h('footer', {},
      h('p', {}, text('danger.now'), ' ',
        emergency !== undefined && h('a', { class: 'emergency', href: `tel:${emergency.number}` }, emergency.number)),
      h('details', {}, h('summary', {}, text('helplines')), helplines()));
  }

  private updateBanner(state: State): void {
    let words = '';
    const down = state.line === 'down' && state.everUp && state.stage !== 'replaced';
    if (down) words = text(state.restarting ? 'line.maintenance' : 'line.down');
    else if (state.trouble) words = text('line.trouble');
    else if (state.notice) words = text(`notice.${state.notice}`);
    put(this.bannerText, words);
    show(this.banner, words !== '');
    show(this.retry, down);
    this.banner.classList.toggle('warn', down || state.trouble);
  }

  /** What stands alone: a card for each stage that is no chat. */
  private updateStage(state: State): void {
    const key = stageKey(state);
    if (key === this.shown) return;
    const first = this.shown === '';
    this.shown = key;
    const card = stageCard(state, this.actions);
    this.stage.replaceChildren(...(card ? [card] : []));
    if (first) return;
    if (state.stage === 'waiting' || state.stage === 'taken') this.input.focus({ preventScroll: true });
    else (card?.querySelector('h2') as HTMLElement | null)?.focus({ preventScroll: true });
  }

  private updatePlace(state: State): void {
    const place = state.place;
    const known = state.line === 'up' ? place : undefined; // times grow old
    put(this.place, place ? text(place.place === 1 ? 'waiting.next' : 'waiting.place', { place: place.place }) : text('waiting.soon'));
    put(this.range, known?.high === undefined ? ''
      : known.low === known.high ? text('waiting.about', { high: known.high })
        : text('waiting.range', { low: known.low ?? 0, high: known.high }));
    put(this.danger, known?.dangerFirst ? text('waiting.danger') : '');
  }

  private askEnd(on: boolean): void {
    show(this.endAsk, on);
    show(this.below, !on);
    if (on) this.endAsk.querySelector('button')?.focus();
  }

  private typed(): void {
    const length = [...this.input.value].length;
    const left = this.characters - length;
    put(this.counter, left > COUNTER_FROM ? '' : left >= 0 ? text('chat.left', { left }) : text('chat.tooLong', { over: -left }));
    this.counter.classList.toggle('over', left < 0);
    this.grow();
    this.actions.typing(length > 0);
  }

  private grow(): void {
    this.input.rows = 1;
    while (this.input.rows < 6 && this.input.scrollHeight > this.input.clientHeight + 2) this.input.rows++;
  }

  private key(event: KeyboardEvent): void {
    const touch = matchMedia('(pointer: coarse)').matches;
    if (event.key === 'Enter' && !event.shiftKey && !event.isComposing && !touch) {
      event.preventDefault();
      this.submit();
    }
  }

  private submit(): void {
    const words = this.input.value.replace(/\0/g, '').trim(); // pasted by who knows what; the server takes none
    if (!words || [...words].length > this.characters) {
      this.input.focus();
      return;
    }
    this.input.value = '';
    this.typed();
    this.actions.say(words);
    this.input.focus();
  }
}
