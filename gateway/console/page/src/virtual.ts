// Which rows of a long list are in the document: those in sight, a few around them, and the one that
// has the focus. Every row is as high as the next.
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { RefObject } from 'preact';

const AROUND = 6;

/** Indexes to draw, in order. */
export function visible(count: number, row: number, top: number, height: number, focused: number): number[] {
  if (!count || row <= 0) return [];
  const first = Math.max(0, Math.min(Math.floor(top / row), count - 1) - AROUND);
  const last = Math.min(count - 1, Math.ceil((top + height) / row) + AROUND);
  const drawn = Array.from({ length: Math.max(0, last - first + 1) }, (_, i) => first + i);
  if (focused >= 0 && focused < count && (focused < first || focused > last)) drawn.push(focused);
  return drawn.sort((a, b) => a - b);
}

export interface Rows {
  box: RefObject<HTMLDivElement>;
  row: number; // px
  drawn: number[];
  focused: number;
  onScroll: () => void;
  onKeyDown: (event: KeyboardEvent) => void;
  onFocus: (index: number) => void;
}

/** rem: the height of a row. The focus stays with its row, wherever that goes. */
export function useRows(ids: string[], rem: number): Rows {
  const count = ids.length;
  const box = useRef<HTMLDivElement>(null);
  const [view, setView] = useState({ top: 0, height: 0, row: rem * 16 });
  const [held, setHeld] = useState('');
  const focused = Math.max(0, ids.indexOf(held));
  const wanted = useRef(-1); // to be given the focus once it is drawn

  const measure = () => {
    const at = box.current;
    if (!at) return;
    const row = rem * parseFloat(getComputedStyle(document.documentElement).fontSize);
    setView((old) => (old.top === at.scrollTop && old.height === at.clientHeight && old.row === row ? old
      : { top: at.scrollTop, height: at.clientHeight, row }));
  };
  useLayoutEffect(measure, [count]);
  useEffect(() => {
    const watcher = new ResizeObserver(measure);
    if (box.current) watcher.observe(box.current);
    return () => watcher.disconnect();
  }, []);
  useLayoutEffect(() => {
    if (wanted.current < 0) return;
    box.current?.querySelector<HTMLElement>(`[data-at="${wanted.current}"]`)?.focus();
    wanted.current = -1;
  });

  const go = (index: number) => {
    const at = box.current;
    const to = Math.max(0, Math.min(count - 1, index));
    if (!at || count === 0) return;
    if (to * view.row < at.scrollTop) at.scrollTop = to * view.row;
    if ((to + 1) * view.row > at.scrollTop + at.clientHeight) at.scrollTop = (to + 1) * view.row - at.clientHeight;
    if (to === focused) return measure();
    wanted.current = to;
    setHeld(ids[to] ?? '');
    measure();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const page = Math.max(1, Math.floor(view.height / view.row) - 1);
    const steps: Record<string, number> = { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page, Home: -count, End: count };
    const step = steps[event.key];
    if (step === undefined || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    go(focused + step);
  };
  const onFocus = (index: number) => setHeld(ids[index] ?? '');
  return { box, row: view.row, drawn: visible(count, view.row, view.top, view.height, focused), focused, onScroll: measure, onKeyDown, onFocus };
}
