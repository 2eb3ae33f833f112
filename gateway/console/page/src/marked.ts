// A visitor's words, cut where flags begin and end. Offsets are UTF-16 units, as a string counts.
import type { Flag } from './protocol';

export interface Piece { text: string; flag?: Flag }

export function pieces(text: string, flags: Flag[]): Piece[] {
  const cuts: Piece[] = [];
  let at = 0;
  for (const flag of [...flags].filter((one) => one.to > one.from && one.to <= text.length).sort((a, b) => a.from - b.from)) {
    if (flag.from < at) continue; // within the one before
    if (flag.from > at) cuts.push({ text: text.slice(at, flag.from) });
    cuts.push({ text: text.slice(flag.from, flag.to), flag });
    at = flag.to;
  }
  if (at < text.length) cuts.push({ text: text.slice(at) });
  return cuts;
}
