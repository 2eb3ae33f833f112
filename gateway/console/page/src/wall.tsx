// The coordinator's wall: now, and this day, in numbers. Nothing here says who a visitor is: no words,
// no contact; the service level of few is not said.
import type { ComponentChildren } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { Curve, Legend, Share, type Hours } from './chart';
import { LEVELS, LevelMark } from './level';
import type { Model } from './model';
import { page, text } from './page';
import type { Card, Desk, Level } from './protocol';
import { wire } from './store';
import { clock, minutes } from './words';

interface Today extends Hours { since: number; bands: number[]; left_after: number[]; levels: { level: Level; taken: number; in_time: number }[] }

const EVERY = 15_000; // ms
const FEWEST = 5; // of fewer, a share says more about one than about all
const GOAL = 0.9; // of those taken, in time
const CHANNELS: Card['channel'][] = ['chat', 'plain', 'telephone'];
const DOWN = [...LEVELS].reverse();

function useToday(): Today | undefined {
  const [today, setToday] = useState<Today | undefined>();
  useEffect(() => {
    const load = () => void wire.request('wall').then((ok) => setToday(ok.today as Today), () => undefined);
    load();
    const timer = setInterval(load, EVERY);
    return () => clearInterval(timer);
  }, []);
  return today;
}

function Now({ cards, now }: { cards: Card[]; now: number }) {
  const waiting = cards.filter((card) => card.state === 'waiting' && !card.practice);
  const longest = waiting.reduce((since, card) => Math.min(since, card.arrived), now);
  const count = (of: (card: Card) => boolean) => waiting.filter(of).length;
  return (
    <section class="panel" aria-label={text('wall.now')}>
      <h2>{text('wall.now')}</h2>
      <dl class="figures">
        <div><dt>{text('wall.waiting')}</dt><dd>{waiting.length}</dd></div>
        <div><dt>{text('wall.longest')}</dt><dd>{waiting.length ? minutes(now - longest) : '–'}</dd></div>
        <div><dt>{text('wall.talking')}</dt><dd>{cards.filter((card) => card.state === 'taken' && !card.practice).length}</dd></div>
      </dl>
      <table>
        <thead><tr><th scope="col">{text('wall.waiting')}</th>{CHANNELS.map((one) => <th key={one} scope="col">{text(`channel.${one}`)}</th>)}<th scope="col">{text('wall.all')}</th></tr></thead>
        <tbody>{DOWN.map((level) => (
          <tr key={level}><th scope="row"><LevelMark level={level} /></th>
            {CHANNELS.map((channel) => <td key={channel}>{count((card) => card.level === level && card.channel === channel)}</td>)}
            <td><strong>{count((card) => card.level === level)}</strong></td></tr>
        ))}</tbody>
      </table>
    </section>
  );
}

function OnDuty({ desk }: { desk: Desk }) {
  const here = desk.colleagues.filter((one) => one.id !== desk.me.id);
  const all = [{ ...desk.me, duty: desk.duty }, ...here].filter((one) => one.duty !== 'off');
  return (
    <section class="panel" aria-label={text('wall.duty')}>
      <h2>{text('wall.duty')} <span class="count">{all.filter((one) => one.duty === 'on').length}</span></h2>
      {all.length === 0 ? <p class="hint">{text('wall.nobody')}</p>
        : <ul class="on-duty">{all.map((one) => <li key={one.id}>{one.display} <span class={`tag ${one.duty === 'on' ? '' : 'practice'}`}>{text(`duty.${one.duty}`)}</span></li>)}</ul>}
    </section>
  );
}

function Numbers({ today, until }: { today: Today; until: number }) {
  return (
    <details class="numbers"><summary>{text('wall.numbers')}</summary>
      <table>
        <thead><tr><th scope="col">{text('wall.hour')}</th>{(['arrived', 'taken', 'left'] as const).map((one) => <th key={one} scope="col">{text(`wall.${one}`)}</th>)}</tr></thead>
        <tbody>{today.arrived.slice(0, until + 1).map((arrived, hour) => (arrived || today.taken[hour] || today.left[hour]) ? (
          <tr key={hour}><th scope="row">{text('wall.hour.of', { hour })}</th><td>{arrived}</td><td>{today.taken[hour]}</td><td>{today.left[hour]}</td></tr>
        ) : null)}</tbody>
      </table>
    </details>
  );
}

function Day({ today, now }: { today: Today; now: number }) {
  const until = Math.max(0, Math.min(24, Math.floor((now - today.midnight) / 3_600_000)));
  const sum = (list: number[]) => list.reduce((all, one) => all + one, 0);
  const words = text('wall.day.words', { arrived: sum(today.arrived), taken: sum(today.taken), left: sum(today.left) });
  return (
    <section class="panel wide" aria-label={text('wall.day')}>
      <h2>{text('wall.day')}</h2>
      <p class="hint">{words}</p>
      <Curve hours={today} until={until} label={words} />
      <Legend />
      <Numbers today={today} until={until} />
    </section>
  );
}

function band(bands: number[], at: number): string {
  const from = bands[at - 1];
  const to = bands[at];
  if (from === undefined) return text('wall.band.under', { minutes: to ?? 0 });
  return to === undefined ? text('wall.band.over', { minutes: from }) : text('wall.band', { from, to });
}

function Left({ today }: { today: Today }) {
  const all = today.left_after.reduce((sum, one) => sum + one, 0);
  return (
    <section class="panel" aria-label={text('wall.abandoned')}>
      <h2>{text('wall.abandoned')}</h2>
      {all === 0 ? <p class="hint">{text('wall.abandoned.none')}</p> : (
        <table class="bars">
          <tbody>{today.left_after.map((count, at) => (
            <tr key={at}><th scope="row">{band(today.bands, at)}</th><td><Share part={count / all} label={`${count}`} /></td><td>{count}</td></tr>
          ))}</tbody>
        </table>
      )}
    </section>
  );
}

function Service({ today, desk }: { today: Today; desk: Desk }) {
  const target = (level: Level) => (level === 'immediate' ? desk.targets.serious : desk.targets[level]);
  const percent = (share: number) => new Intl.NumberFormat(page.lang, { style: 'percent' }).format(share);
  return (
    <section class="panel" aria-label={text('wall.service')}>
      <h2>{text('wall.service')}</h2>
      <p class="hint">{text('wall.service.goal', { goal: percent(GOAL) })}</p>
      <table class="bars">
        <tbody>{DOWN.map((level) => {
          const { taken = 0, in_time: inTime = 0 } = today.levels.find((one) => one.level === level) ?? {};
          const share = taken ? inTime / taken : 0;
          return (
            <tr key={level}><th scope="row"><LevelMark level={level} /> <span class="hint">{text('wall.within', { minutes: target(level) })}</span></th>
              {taken < FEWEST ? <td colSpan={2} class="hint">{text('wall.few')}</td>
                : <><td><Share part={share} target={GOAL} label={percent(share)} /></td><td>{share < GOAL && <span aria-hidden="true">▼ </span>}{percent(share)}</td></>}</tr>
          );
        })}</tbody>
      </table>
    </section>
  );
}

/** children: what must be seen wherever one looks. */
export function Wall({ model, desk, now, children }: { model: Model; desk: Desk; now: number; children: ComponentChildren }) {
  const today = useToday();
  return (
    <main class="wall" aria-label={text('wall')}>
      {children}
      <header>
        <h2>{text('wall')} · {new Intl.DateTimeFormat(page.lang, { dateStyle: 'full' }).format(now)}, {clock(now)}</h2>
        {today && today.since > today.midnight && <p class="hint">{text('wall.since', { time: clock(today.since) })}</p>}
        <button type="button" class="small" onClick={() => print()}>{text('wall.print')}</button>
      </header>
      <div class="panels">
        <Now cards={Object.values(model.cards)} now={now} />
        <OnDuty desk={desk} />
        {today && <><Day today={today} now={now} /><Service today={today} desk={desk} /><Left today={today} /></>}
      </div>
    </main>
  );
}
