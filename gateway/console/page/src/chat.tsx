import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { Composer } from './composer';
import { draftOf, writing } from './drafts';
import { fold } from './fold';
import { atStake, heardBy, listen, Player, whole } from './player';
import { pieces } from './marked';
import type { Conversation, Unsent } from './model';
import { text } from './page';
import { useSettings } from './prefs';
import type { Event, Reply } from './protocol';
import { LevelMark, heavy, subjects, worstOf } from './level';
import { close, get, giveBack, heard, leave, markRead, order, retry, set, take } from './store';
import { clock, happened, known } from './words';

function Words({ event }: { event: Event }) {
  const { fold } = useSettings();
  const [open, setOpen] = useState(false);
  const flags = event.flags ?? [];
  if (fold && !open && heavy(flags))
    return (
      <p class="folded"><LevelMark level={worstOf(flags.map((flag) => flag.level))} /> {subjects(flags)}{' '}
        <button type="button" class="small" onClick={() => setOpen(true)}>{text('fold.open')}</button></p>
    );
  return (
    <p dir="auto">
      {pieces(event.text ?? '', flags).map((piece, i) =>
        (piece.flag ? <mark key={i} class={piece.flag.level} title={piece.flag.why}>{piece.text}</mark> : piece.text))}
    </p>
  );
}

function Spoken({ event, conversation }: { event: Event; conversation: Conversation }) {
  const pieces = event.piece === event.pieces ? whole(conversation.events, event) : undefined;
  if (!pieces) return null; // told with its last piece
  const by = heardBy(conversation.events);
  return (
    <li class="visitor spoken">
      <span class="author">{text('chat.visitor')}</span>
      <Player seconds={event.seconds ?? 0} load={() => listen(conversation.card.id, pieces)} onHeard={() => heard(conversation.card.id)} />
      <span class="meta">{clock(event.time)} · {by === undefined ? <strong>{text('recording.new')}</strong> : text('recording.heard', { by })}</span>
    </li>
  );
}

function Line({ event, read }: { event: Event; read: number }) {
  if (event.kind === 'message' || event.kind === 'note') {
    const kind = event.kind === 'note' ? 'note' : event.author;
    return (
      <li class={kind}>
        <span class="author">{kind === 'note' ? text('chat.note', { by: event.by ?? '' }) : event.author === 'visitor' ? text('chat.visitor') : event.by}</span>
        <Words event={event} />
        <span class="meta">{clock(event.time)}{kind === 'counsellor' && ` · ${event.seq <= read ? text('chat.read') : text('chat.stored')}`}</span>
      </li>
    );
  }
  return <li class="system">{clock(event.time)} · {happened(event)}</li>;
}

/** The same words again and again: one row, which opens. */
function Folded({ events }: { events: Event[] }) {
  return (
    <li class="visitor folded">
      <details>
        <summary>{text('chat.folded', { count: events.length })}</summary>
        <ol>{events.map((event) => <Line key={event.seq} event={event} read={0} />)}</ol>
      </details>
    </li>
  );
}

const NO_LINE = ['ended', 'cut', 'caller-left', 'message', 'heard', 'message-left', 'message-lost', 'unreached'];

/** The line of a telephone contact: its stage, and what can be done with it. */
function Call({ conversation }: { conversation: Conversation }) {
  const { card } = conversation;
  if (card.channel !== 'telephone' || conversation.lost) return null;
  return (
    <p class="call" role="status">
      <span>{card.call ? text(`call.${card.call}`) : ''}</span>
      <span class="actions">
        {(card.call === 'held' || card.call === 'parked') && <button type="button" class="small" onClick={() => order(card.id, 'ring')}>{text('call.ring')}</button>}
        {card.call === 'connected' && <button type="button" class="small" onClick={() => order(card.id, 'hold')}>{text('call.hold')}</button>}
        {card.call && !NO_LINE.includes(card.call) && <button type="button" class="small" onClick={() => order(card.id, 'hangup')}>{text('call.hangup')}</button>}
      </span>
    </p>
  );
}

function Waiting({ contact, unsent }: { contact: string; unsent: Unsent }) {
  return (
    <li class={`${unsent.kind === 'note' ? 'note' : 'counsellor'} unsent`}>
      <p dir="auto">{unsent.text}</p>
      <span class="meta">
        {unsent.failed ? text(`problem.${unsent.failed}`) : text('chat.sending')}
        {unsent.failed && <button type="button" class="small" onClick={() => retry(contact, unsent.id)}>{text('chat.retry')}</button>}
      </span>
    </li>
  );
}

function Log({ conversation }: { conversation: Conversation }) {
  const list = useRef<HTMLDivElement>(null);
  const count = conversation.events.length + conversation.unsent.length;
  const stick = useRef(true);
  const follow = () => {
    if (stick.current && list.current) list.current.scrollTop = list.current.scrollHeight;
  };
  useLayoutEffect(follow, [count]);
  useEffect(() => {
    const watcher = new ResizeObserver(follow); // a banner came, the window changed
    if (list.current) watcher.observe(list.current);
    return () => watcher.disconnect();
  }, []);
  return (
    <div class="log" role="log" aria-live="polite" aria-label={text('chat.log')} tabIndex={0} ref={list}
      onScroll={(event) => {
        const at = event.currentTarget;
        stick.current = at.scrollHeight - at.scrollTop - at.clientHeight < 60;
      }}>
      <ol>{fold(conversation.events).map((row) => (Array.isArray(row)
        ? <Folded key={row[0]?.seq} events={row} />
        : row.kind === 'recording'
          ? <Spoken key={row.seq} event={row} conversation={conversation} />
          : <Line key={row.seq} event={row} read={conversation.read} />))}
      {conversation.unsent.map((unsent) => <Waiting key={unsent.id} contact={conversation.card.id} unsent={unsent} />)}</ol>
    </div>
  );
}

/** What was being written when it ended: it has no way any more, but is not taken away. */
function Kept({ contact }: { contact: string }) {
  const { say, note } = draftOf(contact);
  return (
    <>
      {[['write.reply', say], ['write.note', note]].filter(([, words]) => words?.trim()).map(([label, words]) => (
        <label key={label} class="kept">{text('chat.kept', { what: text(label ?? '') })}
          <textarea rows={3} dir="auto" readOnly value={words} />
        </label>
      ))}
    </>
  );
}

function Over({ conversation }: { conversation: Conversation }) {
  const { card, lost } = conversation;
  return (
    <>
      <Kept contact={card.id} />
      <div class="ask" role="status">
        <p>{text(lost === 'closed' ? 'chat.ended' : 'chat.lost')}</p>
        {lost !== 'closed' && <button type="button" class="primary" onClick={() => take(card.id)}>{text('queue.take')}</button>}
        <button type="button" class={lost === 'closed' ? 'primary' : ''} onClick={() => leave(card.id)}>{text('chat.dismiss')}</button>
      </div>
    </>
  );
}

/** hidden: another fills the screen; what is written here stays. */
export function Chat({ conversation, replies, active, hidden, onFocus }: {
  conversation: Conversation; replies: Reply[]; active: boolean; hidden: boolean; onFocus: () => void;
}) {
  const { card } = conversation;
  const [ask, setAsk] = useState<'close' | 'return' | undefined>();
  const root = useRef<HTMLElement>(null);
  const last = conversation.events[conversation.events.length - 1]?.seq ?? 0;
  const stake = ask === 'close' ? atStake(conversation.events) : undefined;
  useEffect(() => {
    if (!active) return undefined;
    const look = () => markRead(card.id); // also of what came while the page was out of sight
    look();
    document.addEventListener('visibilitychange', look);
    return () => document.removeEventListener('visibilitychange', look);
  }, [active, last]);
  useEffect(() => {
    const listen = (event: CustomEvent<'close' | 'return'>) => active && !conversation.lost && setAsk(event.detail);
    addEventListener('onthaal-ask', listen as EventListener);
    return () => removeEventListener('onthaal-ask', listen as EventListener);
  }, [active, conversation.lost]);
  useEffect(() => {
    if (ask) root.current?.querySelector<HTMLButtonElement>('.ask button')?.focus();
  }, [ask]);
  return (
    <section class={`chat${active ? ' active' : ''}`} ref={root} hidden={hidden} aria-label={text('chat.with', { who: known('who', card.who) })}
      onFocusIn={onFocus} onPointerDown={onFocus}>
      <header>
        <LevelMark level={card.level} />
        <strong>{known('who', card.who)}</strong>
        {card.channel !== 'chat' && <span class="tag channel">{text(`channel.${card.channel}`)}</span>}
        {card.practice && <span class="tag practice">{text('tag.practice')}</span>}
        {!card.present && <span class="tag">{text('tag.away')}</span>}
        {!conversation.lost && (
          <span class="actions">
            <button type="button" class="small" onClick={() => setAsk('return')}>{text('chat.return')}</button>
            <button type="button" class="small" onClick={() => setAsk('close')}>{text('chat.close')}</button>
          </span>
        )}
      </header>
      <Call conversation={conversation} />
      <Log conversation={conversation} />
      <p class="typing" role="status">{conversation.typing ? text('chat.typing') : ''}</p>
      {ask && (
        <div class="ask" role="group" aria-label={text(`ask.${ask}`)}>
          <p>{text(`ask.${ask}`)}{stake && <> <strong>{text(`ask.${stake}`)}</strong></>}{writing(card.id) && <> <strong>{text('ask.draft')}</strong></>}</p>
          <button type="button" class="primary" onClick={() => {
            setAsk(undefined);
            void (ask === 'close' ? close(card.id) : giveBack(card.id));
          }}>{text(`ask.${ask}.yes`)}</button>
          {ask === 'close' && card.channel !== 'telephone' && !card.practice && (
            <button type="button" title={text('ask.block.hint')} onClick={() => {
              setAsk(undefined);
              void close(card.id, true);
            }}>{text('ask.block', { minutes: get().desk?.block ?? 0 })}</button>
          )}
          <button type="button" onClick={() => setAsk(undefined)}>{text('ask.no')}</button>
        </div>
      )}
      {conversation.lost
        ? <Over conversation={conversation} />
        : <Composer notesOnly={card.channel === 'telephone'} contact={card.id} language={card.lang} replies={replies} active={active} />}
    </section>
  );
}

export function Looking({ conversation }: { conversation: Conversation }) {
  return (
    <section class="chat active looking" aria-label={text('look.title')}>
      <header><LevelMark level={conversation.card.level} /><strong>{known('who', conversation.card.who)}</strong><span class="tag">{text('look.title')}</span></header>
      <Log conversation={conversation} />
      <div class="ask">
        <button type="button" class="primary" onClick={() => take(conversation.card.id)}>{text('queue.take')}</button>
        <button type="button" onClick={() => set({ ...get(), looking: undefined, selected: get().tabs[0] })}>{text('look.close')}</button>
      </div>
    </section>
  );
}
