// For the one who listens: a moment after a conversation, a pause with a soft end, and what this shift
// was. Nobody is compared with anybody.
import { useEffect, useState } from 'preact/hooks';
import { rank } from './level';
import type { After, Rest } from './model';
import { text } from './page';
import { useSettings } from './prefs';
import { goOn, setDuty, takeRest, wire } from './store';
import { clock, duration } from './words';

export function AfterPanel({ after }: { after: After }) {
  const { wrapup } = useSettings();
  if (!wrapup) return null;
  const hard = rank(after.level) >= rank('serious');
  return (
    <section class="care" aria-label={text('care.after')}>
      <p role="status">{text(hard ? 'care.after.hard' : 'care.after')}</p>
      <div class="actions">
        <button type="button" class={hard ? 'primary' : ''} onClick={() => takeRest(wrapup)}>{text('care.rest', { minutes: wrapup })} <kbd>p</kbd></button>
        <button type="button" onClick={goOn}>{text('care.goOn')}</button>
      </div>
    </section>
  );
}

export function RestPanel({ rest }: { rest: Rest }) {
  const { wrapup } = useSettings();
  const [now, setNow] = useState(Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, []);
  const left = rest.until - now;
  return (
    <section class="care" aria-label={text('care.resting')}>
      <p role="status">{text(left > 0 ? 'care.resting' : 'care.over')}</p>
      {left > 0 && (
        <p class="soft"><progress max={rest.until - rest.since} value={now - rest.since} aria-label={text('care.resting')} /> <span>{text('care.left', { time: duration(left) })}</span></p>
      )}
      <div class="actions">
        <button type="button" class={left > 0 ? '' : 'primary'} onClick={() => setDuty('on')}>{text('care.back')}</button>
        <button type="button" onClick={() => takeRest(Math.max(0, left) / 60000 + (wrapup || 5))}>{text('care.longer', { minutes: wrapup || 5 })}</button>
      </div>
    </section>
  );
}

interface ShiftFigures { since: number; taken: number; closed: number; returned: number; team: { since: number; arrived: number; taken: number } }

/** Mine, and the team's as a whole. */
export function Shift() {
  const [figures, setFigures] = useState<ShiftFigures | undefined>();
  useEffect(() => {
    const load = () => void wire.request('shift').then((ok) => setFigures(ok.shift as ShiftFigures), () => undefined);
    load();
    const timer = setInterval(load, 30000);
    return () => clearInterval(timer);
  }, []);
  if (!figures) return null;
  return (
    <section class="shift" aria-label={text('shift')}>
      <h2>{text('shift')}</h2>
      {figures.since > 0 && <p class="hint">{text('shift.since', { time: clock(figures.since) })}</p>}
      <dl>
        <dt>{text('shift.taken')}</dt><dd>{figures.taken}</dd>
        <dt>{text('shift.closed')}</dt><dd>{figures.closed}</dd>
        <dt>{text('shift.returned')}</dt><dd>{figures.returned}</dd>
      </dl>
      <h3>{text('shift.team', { time: clock(figures.team.since) })}</h3>
      <dl>
        <dt>{text('shift.team.arrived')}</dt><dd>{figures.team.arrived}</dd>
        <dt>{text('shift.team.taken')}</dt><dd>{figures.team.taken}</dd>
      </dl>
    </section>
  );
}
