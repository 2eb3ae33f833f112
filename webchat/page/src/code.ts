// The return code: shown once when it is asked for, and typed in on another device.
import { h, put, show, UNSENT } from './dom';
import { text } from './page';
import type { State } from './state';

/** Beside the conversation: a button, and the seven words when they have come. */
export class CodeBox {
  readonly button: HTMLButtonElement;
  readonly box: HTMLElement;
  private readonly words = h('p', { class: 'code', tabindex: '-1', lang: 'zxx', translate: 'no' });
  private readonly title = h('h2', { tabindex: '-1' }, text('code.title'));
  private shown?: string;
  private open = false;

  constructor(ask: () => void) {
    this.button = h('button', { type: 'button', class: 'quiet', onclick: () => {
      this.open = true;
      ask();
    } }, text('code.ask'));
    this.box = h('section', { class: 'card' }, this.title, this.words, h('p', {}, text('code.text')), h('p', { class: 'hint' }, text('code.care')),
      h('button', { type: 'button', class: 'quiet', onclick: () => {
        this.open = false;
        put(this.words, ''); // whoever looks over a shoulder later sees nothing
        show(this.box, false);
        this.button.focus();
      } }, text('code.written')));
    show(this.box, false);
  }

  update(state: State): void {
    if (state.ended === 'forgotten') {
      put(this.words, '');
      show(this.box, false);
    }
    if (!this.open || !state.code || state.code === this.shown) return;
    this.shown = state.code;
    put(this.words, state.code);
    show(this.box, true);
    this.title.focus();
    this.box.scrollIntoView({ block: 'start' });
  }
}

/** Before a conversation: I have a code. */
export class CodeForm {
  readonly frame: HTMLElement;
  private readonly input: HTMLInputElement;
  private readonly problem = h('p', { class: 'problem', role: 'alert' });

  constructor(give: (words: string) => void) {
    this.input = h('input', { id: 'code', type: 'text', autocapitalize: 'none', ...UNSENT });
    this.frame = h('details', { class: 'card' }, h('summary', {}, text('code.have')),
      h('form', { onsubmit: (event: SubmitEvent) => {
        event.preventDefault();
        put(this.problem, '');
        if (this.input.value.trim()) give(this.input.value);
      } },
      h('label', { for: 'code' }, text('code.type')), this.input, this.problem,
      h('button', { type: 'submit', class: 'primary' }, text('code.go'))));
  }

  update(state: State): void {
    show(this.frame, state.everUp && (state.stage === 'questions' || state.stage === 'closed'));
    if (state.secret) this.input.value = '';
    const wrong = state.codeProblem;
    put(this.problem, !wrong ? '' : wrong.code === 'no_code' ? text('code.unknown')
      : wrong.word ? text('code.word', { word: wrong.word }) : wrong.code === 'words' ? text('code.seven') : text('code.later'));
  }
}
