// A window over the desk: closes by Escape, by its button, and gives the focus back.
import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { text } from './page';

export function Dialog({ id, title, wide = false, onClose, children }: {
  id: string; title: string; wide?: boolean; onClose: () => void; children: ComponentChildren;
}) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog ref={dialog} class={`help${wide ? ' wide' : ''}`} onClose={onClose} aria-labelledby={`${id}-title`}>
      <header class="dialog-head">
        <h2 id={`${id}-title`}>{title}</h2>
        <form method="dialog"><button class="primary">{text('help.close')}</button></form>
      </header>
      {children}
    </dialog>
  );
}
