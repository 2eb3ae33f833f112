import { playTest, unlockSound } from './alarm';
import { LevelMark, worstOf } from './level';
import type { Model } from './model';
import { text } from './page';
import type { Desk, Duty } from './protocol';
import { setDuty, signOut, take } from './store';
import { minutes } from './words';

const DUTIES: Duty[] = ['on', 'pause', 'off'];

function DutySwitch({ duty }: { duty: Duty }) {
  return (
    <div class="duty" role="group" aria-label={text('duty')}>
      {DUTIES.map((one) => (
        <button key={one} type="button" class={one} aria-pressed={duty === one} onClick={() => {
          setDuty(one);
          if (one !== 'on') return;
          void unlockSound().then((good) => {
            if (!good) return; // the banner says so
            playTest('waiting');
            dispatchEvent(new Event('onthaal-tested'));
          });
        }}>{text(`duty.${one}`)}</button>
      ))}
    </div>
  );
}

/** Read from two metres: whether somebody waits, how urgently, and how long the longest. */
function Glance({ model, now }: { model: Model; now: number }) {
  const all = Object.values(model.cards).filter((card) => card.state === 'waiting');
  const real = all.filter((card) => !card.practice);
  const waiting = real.length ? real : all; // practice hides nobody
  const worst = worstOf(waiting.map((card) => card.level));
  if (waiting.length === 0) return <p class="glance" role="status">{text('glance.none')}</p>;
  const longest = waiting.reduce((since, card) => Math.min(since, card.arrived), now);
  return (
    <p class={`glance ${worst}`}>
      <span role="status"><LevelMark level={worst} /> {text('glance', { count: waiting.length })}</span>
      <span class="longest">{text('glance.longest', { time: minutes(now - longest) })}</span>
    </p>
  );
}

export function Top({ model, desk, now, wall, onHelp, onArchive, onSettings, onWall }: {
  model: Model; desk: Desk; now: number; wall: boolean; onHelp: () => void; onArchive: () => void; onSettings: () => void; onWall: () => void;
}) {
  const waiting = Object.values(model.cards).some((card) => card.state === 'waiting');
  return (
    <header class="top">
      <h1>{desk.centre}</h1>
      {desk.demo && <span class="tag practice">{text('demo')}</span>}
      <DutySwitch duty={desk.duty} />
      <Glance model={model} now={now} />
      <button type="button" class={`primary next${waiting ? '' : ' idle'}`} onClick={() => void take()}>{text('queue.next')} <kbd>n</kbd></button>
      <nav class="menu" aria-label={text('menu')}>
        <button type="button" class="small me" onClick={onSettings}><span class="unseen">{text('settings')}: </span>{desk.me.display} <span aria-hidden="true">⚙</span></button>
        {desk.me.role === 'coordinator' && <button type="button" class="small layout" aria-pressed={wall} onClick={onWall}>{text('wall')}</button>}
        <button type="button" class="small" onClick={onArchive}>{text('archive')}</button>
        <button type="button" class="small" onClick={onHelp} aria-label={text('help')}>?</button>
        <button type="button" class="small" onClick={() => void signOut()}>{text('sign.out')}</button>
      </nav>
    </header>
  );
}
