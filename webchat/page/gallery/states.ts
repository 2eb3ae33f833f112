// Every state of the visitor's page, each reached by the frames that lead there.
import type { Event, Frame } from '../src/protocol';
import { begin, down, reduce, say, type State } from '../src/state';

const MINUTE = 60000;
const NOON = Date.UTC(2026, 2, 4, 11, 0);
const limits = { characters: 400, per_minute: 100 };
const SECRET = 'x';

export interface Words { mine: string; mine2: string; theirs: string; theirs2: string }
export interface Shown { state: State; draft?: string; open?: string[]; demo?: boolean; old?: boolean }

function common(open = true, opens?: number) {
  return { open, opens, beat: 8, limits, trouble: false };
}

const welcome: Frame = { t: 'welcome', ...common() };
const opened: Event = { n: 1, kind: 'opened', time: NOON };

function run(state: State, ...frames: Frame[]): State {
  return frames.reduce(reduce, state);
}

function events(...list: Event[]): Frame {
  return { t: 'events', list };
}

function waiting(): State {
  return { ...run({ ...begin(), startId: 's' }, welcome, { t: 'started', id: 's', secret: SECRET, n: 1 }, events(opened)), startId: undefined };
}

function place(number: number, low?: number, high?: number): Frame {
  return { t: 'place', place: number, low, high, danger_first: number > 1 };
}

/** A conversation under way: two of mine stored, one of them read, an answer. */
function talk(words: Words, name: string): State {
  return run(waiting(),
    events({ n: 2, kind: 'message', from: 'me', text: words.mine, id: 'a', time: NOON }, { n: 3, kind: 'taken', name, time: NOON + MINUTE },
      { n: 4, kind: 'message', from: 'counsellor', text: words.theirs, time: NOON + 2 * MINUTE },
      { n: 5, kind: 'message', from: 'me', text: words.mine2, id: 'b', time: NOON + 3 * MINUTE }),
    { t: 'read', n: 2 });
}

export function states(words: Words): Record<string, () => Shown> {
  const taken = () => talk(words, 'Anke');
  return {
    'closed-now': () => ({ state: run(begin(), { t: 'welcome', ...common(false, Date.UTC(2030, 2, 5, 16, 0)) }) }),
    'closed-open-soon': () => ({ state: run(begin(), { t: 'welcome', ...common(false, Date.now() + 12 * MINUTE) }) }),
    connecting: () => ({ state: begin() }),
    'connecting-long': () => ({ state: { ...begin(), long: true } }),
    'too-many-visitors': () => ({ state: down(begin(), true) }),
    'old-browser': () => ({ state: begin(), old: true }),
    questions: () => ({ state: run(begin(), welcome) }),
    'questions-elsewhere': () => ({ state: { ...run(begin(), welcome), answers: { who: 'child', where: 'elsewhere' } } }),
    'questions-too-many-wait': () => ({ state: run({ ...begin(), startId: 's' }, welcome, { t: 'error', code: 'full', retry: 60 }) }),
    'questions-unknown': () => ({ state: run({ ...begin(), secret: SECRET }, { t: 'unknown' }) }),
    'code-typed-wrong': () => ({ state: run(begin(), welcome, { t: 'error', code: 'words', word: 3 }), open: ['main > details'] }),
    starting: () => ({ state: run({ ...begin(), startId: 's' }, welcome) }),
    'waiting-looking': () => ({ state: waiting() }),
    'waiting-place': () => ({ state: run(waiting(), place(4, 5, 15)) }),
    'waiting-next': () => ({ state: run(waiting(), place(1, 1, 1)) }),
    'waiting-reading': () => ({ state: run(waiting(), place(3, 4, 10)), open: ['.read', '.read details'] }),
    'waiting-written': () => ({ state: run(waiting(), place(2, 2, 5), events({ n: 2, kind: 'message', from: 'me', text: words.mine, id: 'a', time: NOON })) }),
    'waiting-helplines': () => ({ state: run(waiting(), place(3, 4, 10)), open: ['footer details'] }),
    'taken-name': () => ({ state: taken() }),
    'taken-team': () => ({ state: talk(words, '') }),
    'both-typing': () => ({ state: run(taken(), { t: 'typing', on: true }), draft: words.mine2 }),
    'marks-of-messages': () => {
      const failed = run(say(say(taken(), 'c', words.mine, NOON + 4 * MINUTE), 'd', words.mine2, NOON + 5 * MINUTE), { t: 'error', code: 'too_long', id: 'c' });
      return { state: { ...failed, notice: undefined } };
    },
    'too-long-sent': () => ({ state: run(say(taken(), 'c', words.mine, NOON + 4 * MINUTE), { t: 'error', code: 'too_long', id: 'c' }) }),
    'too-long-typed': () => ({ state: taken(), draft: `${words.mine} `.repeat(40).slice(0, 411) }),
    'too-fast': () => ({ state: run(say(taken(), 'c', words.mine, NOON), { t: 'error', code: 'too_fast', retry: 1 }) }),
    'line-lost': () => ({ state: down(say(taken(), 'c', words.mine, NOON + 4 * MINUTE), false) }),
    'line-lost-waiting': () => ({ state: down(run(waiting(), place(4, 5, 15)), false) }),
    resumed: () => ({ state: run(down(taken(), false), { t: 'resumed', state: 'taken', n: 5, ...common() }) }),
    maintenance: () => ({ state: down(run(taken(), { t: 'bye', why: 'restart' }), false) }),
    'not-stored': () => ({ state: run(say(taken(), 'c', words.mine, NOON), { t: 'trouble', on: true }) }),
    'counsellor-lost': () => ({ state: run(taken(), events({ n: 6, kind: 'returned', why: 'lost', time: NOON }), place(1)) }),
    'handed-over': () => ({ state: run(taken(), events({ n: 6, kind: 'returned', why: 'counsellor', time: NOON }, { n: 7, kind: 'taken', name: 'Bert', time: NOON },
      { n: 8, kind: 'message', from: 'counsellor', text: words.theirs2, time: NOON })) }),
    'end-asked': () => ({ state: taken(), open: ['click .below button:last-child'] }),
    'ended-by-counsellor': () => ({ state: run(taken(), events({ n: 6, kind: 'closed', why: 'counsellor', time: NOON })) }),
    'ended-by-visitor': () => ({ state: run(taken(), events({ n: 6, kind: 'closed', why: 'visitor', time: NOON })) }),
    'ended-forgotten': () => ({ state: run(taken(), { t: 'forgotten' }) }),
    'ended-abandoned': () => ({ state: run(waiting(), events({ n: 2, kind: 'closed', why: 'abandoned', time: NOON })) }),
    'code-shown': () => ({ state: { ...taken(), code: 'appel boom fiets kaars maan regen zomer' }, open: ['click .below button:first-child'] }),
    replaced: () => ({ state: run(taken(), { t: 'bye', why: 'replaced' }) }),
    practice: () => ({ state: taken(), demo: true }),
  };
}
