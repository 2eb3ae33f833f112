import { useEffect, useState } from 'preact/hooks';
import { askConsent, notifyConsent, playTest, soundBlocked, unlockSound } from './alarm';
import { LevelMark, gravest, worstOf } from './level';
import { ringing, type Model } from './model';
import { text } from './page';
import { saveSettings, useSettings } from './prefs';
import type { Desk } from './protocol';
import { hushAll, take, tell, useProblem } from './store';
import { category } from './words';

/** Rings, or rang and was seen by somebody who did not take it. */
function Alarms({ model }: { model: Model }) {
  const rings = ringing(model);
  const seen = Object.values(model.alarms).filter((alarm) => alarm.hushedBy && model.cards[alarm.contact]?.state === 'waiting');
  const worst = rings.find((one) => one.level === worstOf(rings.map((each) => each.level)));
  const card = worst && model.cards[worst.contact];
  const about = gravest(card?.flags ?? []);
  return (
    <>
      {worst && (
        <div class={`banner alarm ${worst.level}`} role="alert">
          <span><LevelMark level={worst.level} /> {text(rings.some((one) => one.why === 'overdue') ? 'alarm.overdue' : 'alarm.waiting', { count: rings.length })}{about && ` · ${category(about.category)}`}</span>
          <span class="actions">
            {rings.length === 1 && <button type="button" class="small primary" onClick={() => void take(worst.contact)}>{text('queue.take')}</button>}
            <button type="button" class="small" onClick={hushAll}>{text('alarm.hush')} <kbd>h</kbd></button>
          </span>
        </div>
      )}
      {rings.length === 0 && seen.length > 0 && (
        <p class="banner seen" role="status"><span>{text('alarm.seen', { by: [...new Set(seen.map((one) => one.hushedBy))].join(', '), count: seen.length })}</span></p>
      )}
    </>
  );
}

/** On duty, and this browser does not let us ring, or I do not want it. Any click or key unblocks it. */
function Silence({ desk }: { desk: Desk }) {
  const { sounds } = useSettings();
  const [blocked, setBlocked] = useState(soundBlocked());
  useEffect(() => {
    const timer = setInterval(() => setBlocked(soundBlocked()), 500);
    const unlock = () => void (soundBlocked() && unlockSound().then((good) => setBlocked(!good)));
    unlock(); // a browser that lets us needs no click
    addEventListener('pointerdown', unlock);
    addEventListener('keydown', unlock);
    return () => {
      clearInterval(timer);
      removeEventListener('pointerdown', unlock);
      removeEventListener('keydown', unlock);
    };
  }, []);
  if (desk.duty !== 'on') return null;
  if (sounds === 'none' || (sounds === 'danger' && !blocked)) return <p class="banner quiet"><span>{text(`alarm.silent.${sounds}`)}</span></p>;
  if (!blocked) return null;
  return (
    <p class="banner warn"><span>{text('alarm.blocked')}</span> <button type="button" class="small"
      onClick={() => void unlockSound().then((good) => {
        setBlocked(!good);
        if (good) playTest('waiting');
      })}>{text('alarm.unblock')}</button></p>
  );
}

/** Whether the browser may say that somebody waits while this page is out of sight; asked on duty. */
function Consent({ desk }: { desk: Desk }) {
  const { notify } = useSettings();
  const [asked, setAsked] = useState(false);
  if (asked || !notify || desk.duty !== 'on' || notifyConsent() !== 'default') return null;
  const done = () => setAsked(true);
  const never = () => void saveSettings({ notify: false }).then(done, done);
  return (
    <p class="banner quiet"><span>{text('notify.ask')}</span>
      <span class="actions">
        <button type="button" class="small" onClick={() => void askConsent().then(done)}>{text('notify.yes')}</button>
        <button type="button" class="small" onClick={never}>{text('notify.no')}</button>
      </span></p>
  );
}

/** Shown for a while after going on duty, when the test tone sounded. */
function Tested() {
  const [on, setOn] = useState(false);
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const listen = () => {
      setOn(true);
      clearTimeout(timer);
      timer = setTimeout(() => setOn(false), 15000);
    };
    addEventListener('onthaal-tested', listen);
    return () => {
      clearTimeout(timer);
      removeEventListener('onthaal-tested', listen);
    };
  }, []);
  if (!on) return null;
  return (
    <p class="banner quiet" role="status"><span>{text('alarm.tested')}</span>
      <span class="actions">
        <button type="button" class="small" onClick={() => playTest('waiting')}>{text('alarm.hear.waiting')}</button>
        <button type="button" class="small" onClick={() => playTest('danger')}>{text('alarm.hear.danger')}</button>
        <button type="button" class="small" onClick={() => setOn(false)}>{text('problem.seen')}</button>
      </span></p>
  );
}

export function Banners({ model, desk }: { model: Model; desk: Desk }) {
  const problem = useProblem();
  const [code, by] = problem.split(':');
  return (
    <section class="banners" aria-label={text('banners')}>
      <Alarms model={model} />
      {model.line !== 'up' && <p class="banner warn" role="status">{text('line.down')}</p>}
      {desk.trouble && <p class="banner warn" role="status">{text('line.trouble')}</p>}
      <Silence desk={desk} />
      <Tested />
      <Consent desk={desk} />
      {problem && (
        <p class="banner warn" role="alert"><span>{text(`problem.${code}`, { by: by ?? '' })}</span>
          <button type="button" class="small" onClick={() => tell('')}>{text('problem.seen')}</button></p>
      )}
    </section>
  );
}
