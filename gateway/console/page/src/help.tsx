import { useEffect, useRef } from 'preact/hooks';
import type { Shortcut } from './keys';
import { text } from './page';

export function Help({ shortcuts, keys, onKeys, onClose }: {
  shortcuts: Shortcut[]; keys: boolean; onKeys: (on: boolean) => void; onClose: () => void;
}) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog ref={dialog} class="help" onClose={onClose} aria-labelledby="help-title">
      <h2 id="help-title">{text('help')}</h2>
      <table>
        <tbody>{shortcuts.map(({ key, text: words }) => <tr key={key}><th scope="row"><kbd>{key}</kbd></th><td>{words}</td></tr>)}
          <tr><th scope="row"><kbd>/</kbd></th><td>{text('write.canned')}</td></tr>
          <tr><th scope="row"><kbd>Esc</kbd></th><td>{text('key.escape')}</td></tr>
        </tbody>
      </table>
      <label class="check"><input type="checkbox" checked={keys} onChange={(event) => onKeys(event.currentTarget.checked)} /> {text('help.keys')}</label>
      <form method="dialog"><button class="primary">{text('help.close')}</button></form>
    </dialog>
  );
}
