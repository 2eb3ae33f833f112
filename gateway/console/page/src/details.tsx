import { useState } from 'preact/hooks';
import type { Conversation } from './model';
import { text } from './page';
import type { Flag, Level } from './protocol';
import { LevelMark } from './queue';
import { missedFlag, setLevel, wrongFlag } from './store';
import { category, clock, known, language } from './words';

const LEVELS: Level[] = ['none', 'elevated', 'serious', 'immediate'];

function FlagItem({ contact, flag }: { contact: string; flag: Flag }) {
  const [told, setTold] = useState(false);
  return (
    <li>
      <LevelMark level={flag.level} /> <strong>{category(flag.category)}</strong>
      {flag.words && <p><q dir="auto">{flag.words}</q></p>}
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

function LevelForm({ conversation }: { conversation: Conversation }) {
  const [level, choose] = useState<Level>(conversation.card.level);
  const [reason, setReason] = useState('');
  return (
    <form class="level-form" onSubmit={(event) => {
      event.preventDefault();
      void setLevel(conversation.card.id, level, reason.trim()).then((good) => good && setReason(''));
    }}>
      <label>{text('level.choose')}
        <select id="level-choice" value={level} onChange={(event) => choose(event.currentTarget.value as Level)}>
          {LEVELS.map((one) => <option key={one} value={one}>{text(`level.${one}`)}</option>)}
        </select>
      </label>
      <label>{text('level.reason')}<input value={reason} required maxLength={200} onInput={(event) => setReason(event.currentTarget.value)} /></label>
      <button type="submit" class="small">{text('level.set')}</button>
    </form>
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
        <dt>{text('details.arrived')}</dt><dd>{clock(card.arrived)}</dd>
      </dl>
      <h3>{text('details.flags')}</h3>
      {card.flags.length === 0 ? <p class="hint">{text('details.noFlags')}</p>
        : <ul class="flags">{card.flags.map((flag) => <FlagItem key={`${flag.seq}-${flag.rule}`} contact={card.id} flag={flag} />)}</ul>}
      {!conversation.lost && <Missed key={`missed-${card.id}`} contact={card.id} />}
      {mine && !conversation.lost && <><h3>{text('details.level')}</h3><LevelForm key={card.id} conversation={conversation} /></>}
      {notes.length > 0 && (
        <><h3>{text('details.notes')}</h3>
          <ul class="notes">{notes.map((note) => <li key={note.seq}>{clock(note.time)} {note.by}: <span dir="auto">{note.text}</span></li>)}</ul></>
      )}
    </aside>
  );
}
