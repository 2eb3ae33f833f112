// A flood of the same words is folded into one row that opens: nothing is taken away, and nothing is
// judged by what it says. Folded is what a visitor has said twice before in this conversation, when two
// such follow each other. What raised a flag always stands open.
import type { Event } from './protocol';

const BEFORE = 2; // times that stand open
const RUN = 2; // folded ones that make a row

/** The same words: case, blanks, marks and letters held down do not count. */
function same(words: string): string {
  return words.normalize('NFKC').toLowerCase().replace(/[^\p{L}\p{N}\p{Extended_Pictographic}]+/gu, ' ').replace(/(.)\1{2,}/gu, '$1').trim();
}

/** The events in order; those folded into one row as a list of their own. */
export function fold(events: Event[]): (Event | Event[])[] {
  const said = new Map<string, number>();
  const rows: (Event | Event[])[] = [];
  let run: Event[] = [];
  const end = () => {
    rows.push(...(run.length < RUN ? run : [run]));
    run = [];
  };
  for (const event of events) {
    const words = event.kind === 'message' && event.author === 'visitor' ? same(event.text ?? '') : '';
    const times = said.get(words) ?? 0;
    if (words) said.set(words, times + 1);
    if (words && times >= BEFORE && !event.flags?.length) {
      run.push(event);
    } else {
      end();
      rows.push(event);
    }
  }
  end();
  return rows;
}
