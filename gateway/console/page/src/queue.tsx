import { hold, refresh, ringing, type Model } from './model';
import { text } from './page';
import type { Card } from './protocol';
import { get, hush, look, set, take } from './store';
import { clock, known, language, minutes, SHAPES } from './words';

export function LevelMark({ level }: { level: Card['level'] }) {
  return <span class={`level ${level}`}><span aria-hidden="true">{SHAPES[level]}</span> {text(`level.${level}`)}</span>;
}

function Due({ card, now }: { card: Card; now: number }) {
  if (card.due === undefined) return <span class="due late">{text('queue.now')}</span>;
  const left = card.due - now;
  return left < 0
    ? <span class="due late">{text('queue.late', { time: minutes(-left) })}</span>
    : <span class="due">{text('queue.due', { time: clock(card.due) })}</span>;
}

function Reason({ card }: { card: Card }) {
  const flag = card.flags.reduce<Card['flags'][number] | undefined>((best, one) =>
    (!best || rank(one.level) > rank(best.level) ? one : best), undefined);
  return (
    <>
      {!card.complete && <p class="reason">{text('queue.unchecked')}</p>}
      {flag && <p class="reason">{flag.words ? <q dir="auto">{flag.words}</q> : flag.why} {flag.lowered_by && <em>{text('flag.lowered', { by: flag.lowered_by })}</em>}</p>}
    </>
  );
}

export function rank(level: Card['level']): number {
  return ['none', 'elevated', 'serious', 'immediate'].indexOf(level);
}

function Row({ card, now, open, rings }: { card: Card; now: number; open: boolean; rings: boolean }) {
  const gone = card.state !== 'waiting';
  return (
    <li class={`row ${card.level}${open ? ' open' : ''}${gone ? ' gone' : ''}`}>
      <button type="button" class="pick" disabled={gone} aria-current={open ? 'true' : undefined} onClick={() => look(card.id)}
        onDblClick={() => take(card.id)}>
        <span class="line"><LevelMark level={card.level} /><Due card={card} now={now} /></span>
        <span class="line about">
          <span>{known('who', card.who)} · {language(card.lang)}{card.where === 'elsewhere' && ` · ${text('where.elsewhere')}`}</span>
          <span>{text('queue.waited', { time: minutes(now - card.arrived) })}</span>
        </span>
        <Reason card={card} />
        <span class="tags">
          {card.practice && <span class="tag practice">{text('tag.practice')}</span>}
          {card.returned > 0 && <span class="tag">{text('tag.returned')}</span>}
          {card.gone !== undefined ? <span class="tag">{text('tag.gone', { time: minutes(now - card.gone) })}</span>
            : !card.present && <span class="tag">{text('tag.away')}</span>}
          {gone && <span class="tag">{card.taken_by ? text('tag.taken', { by: card.taken_by }) : text('tag.closed')}</span>}
          {card.channel === 'telephone' && <span class="tag">{text('tag.telephone')}</span>}
        </span>
      </button>
      {rings && <button type="button" class="hush" onClick={() => hush(card.id)}>{text('alarm.hush')}</button>}
    </li>
  );
}

/** Nothing moves under the pointer or the focus: what changed is put in order afterwards. */
export function Queue({ model, now }: { model: Model; now: number }) {
  const rings = ringing(model).map((alarm) => alarm.contact);
  const cards = model.shown.map((id) => model.cards[id]).filter((card): card is Card => card !== undefined);
  const changed = model.fresh > 0 ? text('queue.fresh', { count: model.fresh }) : text('queue.refresh');
  const others = Object.values(model.cards).filter((card) => card.state === 'taken' && card.owner !== model.desk?.me.id);
  return (
    <section class="queue" aria-label={text('queue')}
      onPointerEnter={() => set(hold(get(), true))} onPointerLeave={() => set(hold(get(), false))}
      onFocusIn={() => set(hold(get(), true))}
      onFocusOut={(event) => !event.currentTarget.contains(event.relatedTarget as Node) && set(hold(get(), false))}>
      <h2>{text('queue')} <span class="count">{cards.filter((card) => card.state === 'waiting').length}</span></h2>
      <div class="stale">
        <span class="unseen" role="status">{model.stale ? changed : ''}</span>
        {model.stale && <button type="button" class="small" onClick={() => set(refresh(get()))}>{changed}</button>}
      </div>
      {cards.length === 0 && <p class="empty">{text('queue.empty')}</p>}
      <ol class="rows">
        {cards.map((card) => (
          <Row key={card.id} card={card} now={now} open={model.looking?.card.id === card.id} rings={rings.includes(card.id)} />
        ))}
      </ol>
      {others.length > 0 && (
        <details class="others"><summary>{text('queue.others', { count: others.length })}</summary>
          <ul>{others.map((card) => <li key={card.id}><LevelMark level={card.level} /> {text('tag.taken', { by: card.taken_by ?? '' })}</li>)}</ul>
        </details>
      )}
    </section>
  );
}
