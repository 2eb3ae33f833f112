// How urgent, by word, shape and colour.
import { text } from './page';
import type { Flag, Level } from './protocol';
import { SHAPES, category } from './words';

export const LEVELS: Level[] = ['none', 'elevated', 'serious', 'immediate'];

export function rank(level: Level): number {
  return LEVELS.indexOf(level);
}

export function worstOf(levels: Iterable<Level>): Level {
  return [...levels].reduce<Level>((worst, level) => (rank(level) > rank(worst) ? level : worst), 'none');
}

export function LevelMark({ level }: { level: Level }) {
  return <span class={`level ${level}`}><span aria-hidden="true">{SHAPES[level]}</span> {text(`level.${level}`)}</span>;
}

/** The gravest flag, and of those the newest: they come newest first. */
export function gravest(flags: Flag[]): Flag | undefined {
  return flags.reduce<Flag | undefined>((best, one) => (!best || rank(one.level) > rank(best.level) ? one : best), undefined);
}

export function heavy(flags: Flag[]): boolean {
  return flags.some((flag) => rank(flag.level) >= rank('serious'));
}

/** What the flags are about, each once. */
export function subjects(flags: Flag[]): string {
  return [...new Set(flags.map((flag) => category(flag.category)))].join(', ');
}
