// What stands alone on the page: a card for each stage that is no chat.
import { h } from './dom';
import { locale, page, text } from './page';
import type { Answers } from './protocol';
import { questions } from './questions';
import type { State } from './state';

export const SOON = 30 * 60 * 1000; // before the opening, one may as well wait

export interface StageActions {
  answer: (answers: Answers) => void;
  start: (answers: Answers) => void;
  again: () => void;
  goOn: () => void;
}

export function helplines(): HTMLElement {
  return h('ul', { class: 'helplines' }, ...page.helplines.map((line) => h('li', {},
    h('a', { href: `tel:${line.number.replace(/ /g, '')}` }, h('strong', { dir: 'ltr' }, line.number), ' ', h('bdi', {}, line.name)))));
}

function soon(state: State): boolean {
  return state.opens !== undefined && state.opens - Date.now() < SOON;
}

function when(time: number): string {
  return new Intl.DateTimeFormat(locale(), {
    weekday: 'long', day: 'numeric', month: 'long', hour: '2-digit', minute: '2-digit',
  }).format(time);
}

function hour(time: number): string {
  return new Intl.DateTimeFormat(locale(), { hour: '2-digit', minute: '2-digit' }).format(time);
}

/** Two states with one key have the same card. */
export function stageKey(state: State): string {
  return [state.stage, state.ended, state.opens, state.stage === 'closed' && soon(state), state.stage === 'connecting' && [state.crowded, state.long]].join();
}

function card(title: string, words: string, ...more: (Node | false)[]): HTMLElement {
  return h('section', { class: 'card' }, h('h2', { tabindex: '-1' }, title), h('p', {}, words), ...more);
}

function ended(state: State, actions: StageActions): HTMLElement {
  if (state.ended === 'blocked') return card(text('ended.title'), text('ended.blocked'), helplines());
  const words = ['abandoned', 'visitor', 'forgotten'].find((why) => why === state.ended) ?? 'text';
  return card(text('ended.title'), text(`ended.${words}`), helplines(),
    state.open && h('div', { class: 'actions' },
      h('button', { type: 'button', class: 'primary', onclick: () => actions.again() }, text('ended.again')),
      state.secret !== undefined && h('button', { type: 'button', class: 'quiet', onclick: () => actions.goOn() }, text('ended.goon'))));
}

export function stageCard(state: State, actions: StageActions): HTMLElement | undefined {
  switch (state.stage) {
    case 'connecting':
      if (state.crowded) return card(text('busy.title'), text('busy.text'), helplines());
      return h('div', { class: 'card', role: 'status' }, h('p', {}, text('connecting')),
        state.long && h('p', {}, text('connecting.long')), state.long && helplines());
    case 'questions':
      return questions(state.answers, actions.answer, actions.start);
    case 'starting':
      return h('p', { class: 'card', role: 'status' }, text('starting'));
    case 'closed':
      if (state.opens !== undefined && soon(state))
        return card(text('closed.soon.title'), text('closed.soon', { when: hour(state.opens) }), h('p', {}, text('closed.text')), helplines());
      return card(text('closed.title'), text('closed.text'),
        state.opens !== undefined && h('p', {}, text('closed.opens', { when: when(state.opens) })), helplines());
    case 'ended':
      return ended(state, actions);
    case 'replaced':
      return card(text('replaced.title'), text('replaced.text'));
    default:
      return undefined;
  }
}
