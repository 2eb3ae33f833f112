// On the right while no conversation is shown: colleagues, the shift, and the rules for coordinators.
import { useState } from 'preact/hooks';
import { Shift } from './care';
import { text } from './page';
import type { Desk } from './protocol';
import { reloadRules } from './store';

function Rules() {
  const [outcome, setOutcome] = useState('');
  const [busy, setBusy] = useState(false);
  return (
    <section class="rules" aria-label={text('rules')}>
      <h2>{text('rules')}</h2>
      <button type="button" class="small" disabled={busy} onClick={() => {
        setBusy(true);
        void reloadRules().then((words) => {
          setOutcome(words);
          setBusy(false);
        });
      }}>{text(busy ? 'rules.busy' : 'rules.reload')}</button>
      <p class="outcome" role="status">{outcome}</p>
    </section>
  );
}

export function Side({ desk }: { desk: Desk }) {
  return (
    <aside class="details" aria-label={text('colleagues')}>
      <h2>{text('colleagues')}</h2>
      {desk.colleagues.length === 0 && <p class="hint">{text('colleagues.none')}</p>}
      <ul class="colleagues">
        {desk.colleagues.map((one) => <li key={one.id}>{one.display} · {text(`duty.${one.duty}`)} · {text('colleagues.contacts', { count: one.contacts })}</li>)}
      </ul>
      <Shift />
      {desk.me.role === 'coordinator' && <Rules />}
    </aside>
  );
}
