import { Dialog } from './dialog';
import type { Shortcut } from './keys';
import { text } from './page';
import { saveSettings, useSettings } from './prefs';

export function Help({ shortcuts, onClose }: { shortcuts: Shortcut[]; onClose: () => void }) {
  const { keys } = useSettings();
  return (
    <Dialog id="help" title={text('help')} onClose={onClose}>
      <table>
        <tbody>{shortcuts.map(({ key, text: words }) => <tr key={key}><th scope="row"><kbd>{key}</kbd></th><td>{words}</td></tr>)}
          <tr><th scope="row"><kbd>/</kbd></th><td>{text('write.canned')}</td></tr>
          <tr><th scope="row"><kbd>↑</kbd> <kbd>↓</kbd></th><td>{text('key.rows')}</td></tr>
          <tr><th scope="row"><kbd>Esc</kbd></th><td>{text('key.escape')}</td></tr>
        </tbody>
      </table>
      <label class="check"><input type="checkbox" checked={keys} onChange={(event) => void saveSettings({ keys: event.currentTarget.checked }).catch(() => undefined)} /> {text('help.keys')}</label>
    </Dialog>
  );
}
