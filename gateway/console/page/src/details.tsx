import { useEffect, useRef, useState } from 'preact/hooks';
import type { Conversation } from './model';
import { text, UNSENT } from './page';
import { useSettings } from './prefs';
import type { Event, Flag, Level } from './protocol';
import { LEVELS, LevelMark, heavy } from './level';
import { missedFlag, setLevel, wrongFlag } from './store';
import { category, clock, happened, known, language } from './words';

function FlagItem({ contact, flag }: { contact: string; flag: Flag }) {
  const { fold } = useSettings();
  const [told, setTold] = useState(false);
  const [open, setOpen] = useState(false);
  return (
    <li class={flag.level}>
      <LevelMark level={flag.level} /> <strong>{category(flag.category)}</strong>
      {flag.words && (open || !fold || !heavy([flag]) ? <p><q dir="auto">{flag.words}</q></p>
        : <p><button type="button" class="small" onClick={() => setOpen(true)}>{text('fold.open')}</button></p>)}
      <p>{flag.why}</p>
      {flag.lowered_by && <p class="hint">{text('flag.lowered', { by: flag.lowered_by })}</p>}
      <p class="hint">{flag.rule}</p>
      <button type="button" class="small" disabled={told} onClick={() => void wrongFlag(contact, flag).then(setTold)}>
        {text(told ? 'flag.told' : 'flag.wrong')}</button>
    </li>
  );
}

/** Tells whoever maintains the rules; nothing of the conversation goes with it. */
function Missed({ contact }: { contact: string }) {
  const [told, setTold] = useState(false);
  return (
    <fieldset class="missed">
      <legend>{text('flag.missed')}</legend>
      {told ? <p class="hint" role="status">{text('flag.told')}</p>
        : LEVELS.filter((level) => level !== 'none').map((level) => (
          <button key={level} type="button" class="small" onClick={() => void missedFlag(contact, level).then(setTold)}>{text(`level.${level}`)}</button>
        ))}
    </fieldset>
  );
}

/** Keys raise and lower it here; a reason is asked for, and only then is it changed. */
function LevelForm({ conversation }: { conversation: Conversation }) {
  const now = conversation.card.level;
  const [level, choose] = useState<Level>(now);
  const [reason, setReason] = useState('');
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (!reason) choose(now); // not over what is being chosen
  }, [now]);
  useEffect(() => {
    const listen = (event: CustomEvent<number>) => {
      choose((old) => LEVELS[Math.max(0, Math.min(LEVELS.length - 1, LEVELS.indexOf(old) + event.detail))] ?? old);
      field.current?.focus();
    };
    addEventListener('onthaal-level', listen as EventListener);
    return () => removeEventListener('onthaal-level', listen as EventListener);
  }, []);
  return (
    <form class="level-form" onSubmit={(event) => {
      event.preventDefault();
      void setLevel(conversation.card.id, level, reason.trim()).then((good) => {
        if (!good) return;
        setReason('');
        field.current?.blur();
      });
    }}>
      <label>{text('level.choose')}
        <select id="level-choice" value={level} onChange={(event) => choose(event.currentTarget.value as Level)}>
          {LEVELS.map((one) => <option key={one} value={one}>{text(`level.${one}`)}</option>)}
        </select>
      </label>
      <label>{text('level.reason')}<input ref={field} {...UNSENT} value={reason} required maxLength={200} onInput={(event) => setReason(event.currentTarget.value)} /></label>
      <button type="submit" class="small">{text('level.set')}</button>
    </form>
  );
}

const HISTORY: Event['kind'][] = ['opened', 'taken', 'returned', 'closed', 'level', 'answers', 'call', 'reopened'];

/** What happened within this contact, without what was said. */
function History({ events }: { events: Event[] }) {
  const list = events.filter((event) => HISTORY.includes(event.kind));
  return (
    <details class="history">
      <summary>{text('details.history', { count: list.length })}</summary>
      <ol>{list.map((event) => <li key={event.seq}><time>{clock(event.time)}</time> {happened(event)}</li>)}</ol>
    </details>
  );
}

export function Details({ conversation, mine }: { conversation: Conversation; mine: boolean }) {
  const { card, answers } = conversation;
  const notes = conversation.events.filter((event) => event.kind === 'note');
  return (
    <aside class="details" aria-label={text('details')}>
      <h2>{text('details')}</h2>
      <dl>
        <dt>{text('details.who')}</dt><dd>{known('who', answers.who)}</dd>
        <dt>{text('details.where')}</dt><dd>{known('where', answers.where)}</dd>
        <dt>{text('details.lang')}</dt><dd>{language(answers.lang)}</dd>
        <dt>{text('details.channel')}</dt><dd>{text(`channel.${card.channel}`)}</dd>
        <dt>{text('details.arrived')}</dt><dd>{clock(card.arrived)}</dd>
        <dt>{text('details.messages')}</dt><dd>{card.messages}</dd>
        <dt>{text('details.number')}</dt><dd><code dir="ltr">{card.id}</code></dd>
      </dl>
      <h3>{text('details.flags')}</h3>
      {card.flags.length === 0 ? <p class="hint">{text('details.noFlags')}</p>
        : <ul class="flags">{card.flags.map((flag) => <FlagItem key={`${flag.seq}-${flag.rule}`} contact={card.id} flag={flag} />)}</ul>}
      {!conversation.lost && <Missed key={`missed-${card.id}`} contact={card.id} />}
      {mine && !conversation.lost && <><h3>{text('details.level')}</h3><LevelForm key={card.id} conversation={conversation} /></>}
      <h3>{text('details.notes')}</h3>
      {notes.length === 0 ? <p class="hint">{text('details.noNotes')}</p>
        : <ul class="notes">{notes.map((note) => <li key={note.seq}><span class="hint">{clock(note.time)} {note.by}</span> <span dir="auto">{note.text}</span></li>)}</ul>}
      <History key={`history-${card.id}`} events={conversation.events} />
    </aside>
  );
}
