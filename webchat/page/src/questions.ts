// The three questions: each may be answered, all may be skipped.
import { h } from './dom';
import { page, text } from './page';
import type { Answers, Where, Who } from './protocol';

const WHO: Who[] = ['child', 'parent', 'family', 'professional'];
const WHERE: Where[] = ['brussels', 'elsewhere'];

/** Each in its own language and script, the chosen one selected. */
export function languageOptions(chosen: string): HTMLOptionElement[] {
  return page.languages.map(({ code, name, dir }) => h('option', { value: code, lang: code, dir, selected: code === chosen }, name));
}

function choice<T extends string>(
  name: string, title: string, values: { value: T; label: string }[], chosen: string | undefined, onChoice: (value: T) => void,
): HTMLElement {
  return h('fieldset', {}, h('legend', {}, title), h('div', { class: 'choices' }, ...values.map(({ value, label }) => {
    const input = h('input', {
      type: 'radio', name, value, checked: value === chosen, onchange: () => onChoice(value),
    });
    return h('label', { class: 'choice' }, input, h('span', {}, label));
  })));
}

const MOST_CHOICES = 4; // more languages than that are a list to pick from

function languageQuestion(chosen: string, onChoice: (lang: string) => void): HTMLElement {
  if (page.languages.length <= MOST_CHOICES)
    return choice('lang', text('questions.lang'), page.languages.map(({ code, name }) => ({ value: code, label: name })), chosen, onChoice);
  const select = h('select', { id: 'lang', onchange: () => onChoice(select.value) }, ...languageOptions(chosen));
  return h('p', { class: 'field' }, h('label', { for: 'lang' }, text('questions.lang')), select);
}

export function questions(
  answers: Answers, onAnswer: (answers: Answers) => void, onStart: (answers: Answers) => void,
): HTMLElement {
  const own: Answers = { ...answers };
  const elsewhere = h('p', { class: 'hint', hidden: own.where !== 'elsewhere' }, text('questions.elsewhere'));
  const change = (more: Answers) => {
    Object.assign(own, more);
    elsewhere.hidden = own.where !== 'elsewhere';
    onAnswer({ ...own });
  };
  return h('form', {
    class: 'card questions',
    onsubmit: (event: SubmitEvent) => {
      event.preventDefault();
      onStart({ ...own });
    },
  },
  h('h2', { tabindex: '-1' }, text('questions.title')),
  h('p', {}, text('questions.intro')),
  choice('who', text('questions.who'), WHO.map((value) => ({ value, label: text(`who.${value}`) })), own.who,
    (who) => change({ who })),
  choice('where', text('questions.where'), WHERE.map((value) => ({ value, label: text(`where.${value}`) })), own.where,
    (where) => change({ where })),
  elsewhere,
  languageQuestion(own.lang ?? page.lang, (lang) => change({ lang })),
  h('div', { class: 'actions' },
    h('button', { type: 'submit', class: 'primary' }, text('questions.start')),
    h('button', { type: 'button', class: 'quiet', onclick: () => onStart({}) }, text('questions.skip'))),
  h('p', { class: 'hint' }, text('questions.secret')));
}
