import { useEffect, useRef } from 'preact/hooks';
import { LevelMark, gravest, heavy, subjects, worstOf } from './level';
import { hold, ringing, type Alarm, type Model } from './model';
import { text } from './page';
import { useSettings } from './prefs';
import type { Card } from './protocol';
import { get, hush, look, refreshQueue, set, take } from './store';
import { useRows } from './virtual';
import { category, clock, known, language, minutes } from './words';

const ROW_REM = 8.2; // style.css: .row

function Due({ card, now }: { card: Card; now: number }) {
  if (card.state !== 'waiting') return <span class="due">{card.taken_by ? text('tag.taken', { by: card.taken_by }) : text('tag.closed')}</span>;
  if (card.due === undefined) return <span class="due late">{text('queue.now')}</span>;
  const left = card.due - now;
  return left < 0
    ? <span class="due late">{text('queue.late', { time: minutes(-left) })}</span>
    : <span class="due">{text('queue.due', { time: clock(card.due) })}</span>;
}

/** Why it stands where it stands: what it is about, and, unless folded, the visitor's own words. */
function Reason({ card }: { card: Card }) {
  const { fold } = useSettings();
  const flag = gravest(card.flags);
  if (!flag && card.call && card.complete) return <span class="reason calm">{text(`call.${card.call}`)}</span>; // what its line did last
  if (!flag) return <span class="reason calm">{card.complete ? text('queue.calm', { count: card.messages }) : text('queue.unchecked')}</span>;
  return (
    <span class="reason">
      {!card.complete && <>{text('queue.unchecked')} · </>}
      <strong>{category(flag.category)}</strong>{flag.words && !(fold && heavy([flag])) && <>: <q dir="auto">{flag.words}</q></>}
      {flag.lowered_by && <> <em>{text('flag.lowered', { by: flag.lowered_by })}</em></>}
    </span>
  );
}

function Tags({ card, now, alarm }: { card: Card; now: number; alarm?: Alarm }) {
  return (
    <span class="tags">
      {card.practice && <span class="tag practice">{text('tag.practice')}</span>}
      {card.returned > 0 && <span class="tag returned"><span aria-hidden="true">↩</span> {text('tag.returned')}</span>}
      <span class="tag channel">{text(`channel.${card.channel}`)}</span>
      {card.former && <span class="tag">{text('tag.former', { by: card.former })}</span>}
      {card.gone !== undefined ? <span class="tag">{text('tag.gone', { time: minutes(now - card.gone) })}</span>
        : !card.present && card.channel === 'chat' && <span class="tag">{text('tag.away')}</span>}
      {alarm?.hushedBy && <span class="tag seen">{text('tag.seen', { by: alarm.hushedBy })}</span>}
    </span>
  );
}

function Row({ card, now, open, alarm, at, count, row, focused, onFocus }: {
  card: Card; now: number; open: boolean; alarm?: Alarm; at: number; count: number; row: number; focused: boolean; onFocus: (at: number) => void;
}) {
  const over = card.state !== 'waiting';
  return (
    <li class={`row ${card.level}${open ? ' open' : ''}${over ? ' gone' : ''}${alarm && !alarm.hushedBy && !over ? ' rings' : ''}`} style={{ insetBlockStart: `${at * row}px`, blockSize: `${row - 8}px` }}
      aria-setsize={count} aria-posinset={at + 1}>
      <button type="button" class="pick" data-at={at} tabIndex={focused ? 0 : -1} aria-disabled={over} aria-current={open ? 'true' : undefined}
        onFocus={() => onFocus(at)} onClick={() => !over && look(card.id)} onDblClick={() => !over && void take(card.id)}>
        <span class="line"><LevelMark level={card.level} /><Due card={card} now={now} /></span>
        <span class="line about">
          <span class="whom">{known('who', card.who)}{card.lang && <> · <abbr title={language(card.lang)}>{card.lang.toUpperCase()}</abbr></>}{card.where === 'elsewhere' && ` · ${text('where.elsewhere')}`}</span>
          <span>{text('queue.waited', { time: minutes(now - card.arrived) })}</span>
        </span>
        <Reason card={card} />
        <Tags card={card} now={now} alarm={alarm} />
      </button>
      {alarm && !alarm.hushedBy && !over && <button type="button" class="small hush" onClick={() => hush(card.id)}>{text('alarm.hush')}</button>}
    </li>
  );
}

function Others({ model }: { model: Model }) {
  const others = Object.values(model.cards).filter((card) => card.state === 'taken' && card.owner !== model.desk?.me.id);
  if (others.length === 0) return null;
  return (
    <details class="others"><summary>{text('queue.others', { count: others.length })}</summary>
      <ul>{others.map((card) => <li key={card.id}><LevelMark level={card.level} /> {text('tag.taken', { by: card.taken_by ?? '' })}{card.flags.length > 0 && ` · ${subjects(card.flags)}`}</li>)}</ul>
    </details>
  );
}

/** Nothing moves under the pointer or the focus: it is put in order when they have left, or when asked. */
export function Queue({ model, now }: { model: Model; now: number }) {
  const root = useRef<HTMLElement>(null);
  const cards = model.shown.map((id) => model.cards[id]).filter((card): card is Card => card !== undefined);
  useEffect(() => () => set(hold(get(), false)), []); // nobody points at what is gone
  const rows = useRows(cards.map((card) => card.id), ROW_REM);
  const rings = new Set(ringing(model).map((alarm) => alarm.contact));
  const news = model.fresh > 0 ? worstOf(cards.slice(-model.fresh).map((card) => card.level)) : 'none';
  return (
    <section class="queue" aria-label={text('queue')} ref={root}
      onPointerEnter={() => set(hold(get(), true))}
      onPointerLeave={() => !root.current?.querySelector(':focus-visible') && set(hold(get(), false))}
      onFocusIn={() => set(hold(get(), true))}
      onFocusOut={(event) => !event.currentTarget.contains(event.relatedTarget as Node) && !event.currentTarget.matches(':hover') && set(hold(get(), false))}>
      <div class="queue-head">
        <h2>{text('queue')} <span class="count">{cards.filter((card) => card.state === 'waiting').length}</span></h2>
        {model.stale && (
          <button type="button" class={`small refresh ${news}`} onClick={refreshQueue}>
            {model.fresh > 0 && news !== 'none' && <LevelMark level={news} />} {model.fresh > 0 ? text('queue.fresh', { count: model.fresh }) : text('queue.refresh')}
          </button>
        )}
      </div>
      <p class="unseen" role="status">{model.stale ? (model.fresh > 0 ? text('queue.fresh', { count: model.fresh }) : text('queue.refresh')) : ''}</p>
      {cards.length === 0 && <p class="empty">{text('queue.empty')}</p>}
      <div class="rows-box" ref={rows.box} onScroll={rows.onScroll} onKeyDown={rows.onKeyDown}>
        <ol class="rows" role="list" style={{ blockSize: `${cards.length * rows.row}px` }}>
          {rows.drawn.map((at) => {
            const card = cards[at] as Card;
            return (
              <Row key={card.id} card={card} now={now} open={model.looking?.card.id === card.id}
                alarm={rings.has(card.id) || model.alarms[card.id]?.hushedBy ? model.alarms[card.id] : undefined}
                at={at} count={cards.length} row={rows.row} focused={at === rows.focused} onFocus={rows.onFocus} />
            );
          })}
        </ol>
      </div>
      <Others model={model} />
    </section>
  );
}
