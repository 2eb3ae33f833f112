// One letter, while no field has the focus; nothing with Ctrl or Alt, so nothing of the browser's or
// of a screen reader's. They can be switched off, all of them (WCAG 2.1.4).

export interface Shortcut { key: string; text: string; run: () => void }

let enabled = true;

export function setKeys(on: boolean): void {
  enabled = on;
}

function typing(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));
}

export function watchKeys(shortcuts: () => Shortcut[]): () => void {
  const listen = (event: KeyboardEvent) => {
    if (event.key === 'Escape' && typing(event.target)) {
      (event.target as HTMLElement).blur();
      return;
    }
    if (!enabled || document.querySelector('dialog[open]')) return; // what lies over the desk has the keyboard
    if (event.repeat) return; // a key held down is meant once
    if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing || typing(event.target)) return;
    const found = shortcuts().find(({ key }) => key === event.key);
    if (!found) return;
    event.preventDefault();
    found.run();
  };
  addEventListener('keydown', listen);
  return () => removeEventListener('keydown', listen);
}
