import { useEffect, useState } from 'preact/hooks';
import { ring, soundBlocked, unlockSound } from './alarm';
import { LevelMark, worstOf } from './level';
import { ringing, type Model } from './model';
import { text } from './page';
import type { Desk } from './protocol';
import { hushAll, tell, useProblem } from './store';

export function Banners({ model, desk }: { model: Model; desk: Desk }) {
  const problem = useProblem();
  const rings = ringing(model);
  const [blocked, setBlocked] = useState(soundBlocked());
  useEffect(() => {
    const timer = setInterval(() => setBlocked(soundBlocked()), 500);
    return () => clearInterval(timer);
  }, []);
  const [code, by] = problem.split(':');
  return (
    <section class="banners" aria-label={text('banners')}>
      {rings.length > 0 && (
        <div class="banner alarm" role="alert">
          <span><LevelMark level={worstOf(rings.map((one) => one.level))} /> {text('alarm.waiting', { count: rings.length })}</span>
          <button type="button" class="small" onClick={hushAll}>{text('alarm.hush')} <kbd>h</kbd></button>
        </div>
      )}
      {model.line !== 'up' && <p class="banner warn" role="status">{text('line.down')}</p>}
      {desk.trouble && <p class="banner warn" role="status">{text('line.trouble')}</p>}
      {desk.duty === 'on' && blocked && (
        <p class="banner warn">{text('alarm.blocked')} <button type="button" class="small"
          onClick={() => void unlockSound().then((good) => {
            setBlocked(!good);
            if (good) ring('waiting');
          })}>{text('alarm.unblock')}</button></p>
      )}
      {problem && (
        <p class="banner warn" role="alert">{text(`problem.${code}`, { by: by ?? '' })}
          <button type="button" class="small" onClick={() => tell('')}>{text('problem.seen')}</button></p>
      )}
    </section>
  );
}
