// The order of the queue, as the desk's (`queue_compare`): practice behind everybody, danger first, then by
// deadline; who arrived first breaks a tie.
import type { Card } from './protocol';

export function compare(a: Card, b: Card): number {
  if (a.practice !== b.practice) return a.practice ? 1 : -1;
  if (a.level === 'immediate' || b.level === 'immediate') {
    if (a.level !== b.level) return a.level === 'immediate' ? -1 : 1;
    return a.arrived - b.arrived;
  }
  return (a.due ?? 0) - (b.due ?? 0) || a.arrived - b.arrived;
}

export function inOrder(cards: Iterable<Card>): string[] {
  return [...cards].filter((card) => card.state === 'waiting').sort(compare).map((card) => card.id);
}

/** While somebody points at the list nothing moves: who is new comes at the end. */
export function held(shown: string[], wanted: string[]): string[] {
  const there = new Set(shown);
  return [...shown, ...wanted.filter((id) => !there.has(id))];
}
