// Closed conversations: a list of those I may open, read in this page alone.
import { useEffect, useRef, useState } from 'preact/hooks';
import { Dialog } from './dialog';
import * as keyring from './keyring';
import { page, text } from './page';
import { offered, use } from './passkey';
import type { Desk } from './protocol';
import { Player } from './player';
import { useModel, wire } from './store';
import { bytesOf, fingerprint, openBytes, openText } from './vault';
import { Refusal } from './wire';

interface Listed { contact: string; channel: string; opened: number; closed: number; staff?: number; by?: string }
interface Sealed { seq: number; kind: number; author: number; time: number; staff?: number; body?: string }
interface Line { seq: number; kind: 'message' | 'note' | 'spoken'; mine: boolean; time: number; words: string; sound?: Uint8Array<ArrayBuffer>[]; seconds?: number }

const MESSAGE = 2;
const NOTE = 3;
const RECORDING = 11;
const VISITOR = 1;
const HEAD = 8; // piece, pieces, seconds, 0: two bytes each

async function listAll(): Promise<Listed[]> {
  const all: Listed[] = [];
  for (;;) {
    const last = all[all.length - 1];
    const ok = await wire.request('archive', last ? { contact: last.contact } : {});
    all.push(...(ok.contacts as Listed[]));
    if (!ok.more) return all;
  }
}

async function read(contact: string): Promise<Line[]> {
  const lines: Line[] = [];
  let key: Uint8Array<ArrayBuffer> | undefined;
  let sound: Uint8Array<ArrayBuffer>[] = [];
  for (let after = 0, more = true; more;) {
    const ok = await wire.request('unseal', { contact, after });
    key ??= await keyring.openSeals(contact, ok.seals as keyring.Seal[]);
    for (const event of ok.events as Sealed[]) {
      after = event.seq;
      if (event.body && event.kind === RECORDING) {
        const bytes = openBytes(key, contact, event.seq, event.kind, bytesOf(event.body));
        const head = new DataView(bytes.buffer, bytes.byteOffset, HEAD);
        if (head.getUint16(0) === 1) sound = [];
        sound.push(bytes.slice(HEAD));
        if (head.getUint16(0) !== head.getUint16(2) || sound.length !== head.getUint16(2)) continue;
        lines.push({ seq: event.seq, kind: 'spoken', mine: false, time: event.time, words: '', sound, seconds: head.getUint16(4) });
      }
      if (!event.body || (event.kind !== MESSAGE && event.kind !== NOTE)) continue;
      const words = openText(key, contact, event.seq, event.kind, bytesOf(event.body));
      lines.push({ seq: event.seq, kind: event.kind === NOTE ? 'note' : 'message', mine: event.author !== VISITOR, time: event.time, words });
    }
    more = ok.more === true;
  }
  key?.fill(0);
  return lines;
}

const hour = (time: number) => new Date(time).toLocaleString(page.lang, { dateStyle: 'medium', timeStyle: 'short' });

/** Where the authenticator has no PRF it shows who I am, and opens nothing. */
async function byPasskey(): Promise<string> {
  await use('passkey-unlock');
  await keyring.ready();
  return keyring.isOpen() ? '' : text('archive.passkey.no');
}

/** What does not open with it is no Refusal: another password once, and not changed here since. */
const wordsOf = (why: unknown) => (!(why instanceof Refusal) || why.code === 'wrong' ? text('archive.wrong') : text(`problem.${why.code}`, { retry: why.retry ?? 0 }));

function Ask({ why, go, onOpen, onLeave }: { why: string; go: string; onOpen: () => void; onLeave?: () => void }) {
  const { passkeys } = useModel();
  const [password, setPassword] = useState('');
  const [wrong, setWrong] = useState('');
  const [busy, setBusy] = useState(false);
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => field.current?.focus(), []);
  const run = (act: Promise<string | void>) => {
    setBusy(true);
    setWrong('');
    act.then((words) => (words ? setWrong(words) : onOpen())).catch((refusal) => setWrong(wordsOf(refusal))).finally(() => setBusy(false));
  };
  return (
    <form class="lines" onSubmit={(event) => {
      event.preventDefault();
      run(keyring.unlock(password));
    }}>
      <p>{why}</p>
      <div class="field">
        <label for="archive-password">{text('sign.password')}</label>
        <input ref={field} id="archive-password" type="password" autocomplete="current-password" required value={password} onInput={(event) => setPassword(event.currentTarget.value)} />
      </div>
      <p class="problem" role="alert">{wrong}</p>
      <p class="actions">
        <button type="submit" class="primary" disabled={busy}>{busy ? text('sign.busy') : go}</button>
        {offered(passkeys) === 'yes' && <button type="button" disabled={busy} onClick={() => run(byPasskey())}>{text('archive.passkey')}</button>}
        {onLeave && <button type="button" disabled={busy} onClick={onLeave}>{text('archive.prove.leave')}</button>}
      </p>
    </form>
  );
}

function Conversation({ contact, by }: { contact: string; by: string }) {
  const [lines, setLines] = useState<Line[] | undefined>();
  const [failed, setFailed] = useState(false);
  useEffect(() => {
    setLines(undefined);
    setFailed(false);
    read(contact).then(setLines, () => setFailed(true));
  }, [contact]);
  if (failed) return <p role="alert">{text('archive.failed')}</p>;
  if (!lines) return <p role="status">{text('archive.opening')}</p>;
  return (
    <ol class="archived" aria-label={text('archive.words')}>
      {lines.map((line) => (
        <li key={line.seq} class={line.kind === 'note' ? 'note' : line.mine ? 'ours' : 'theirs'}>
          <span class="who">{line.kind === 'note' ? `${by} · ${text('archive.note')}` : line.mine ? by : text('archive.visitor')}</span>
          {line.sound ? <Player seconds={line.seconds ?? 0} load={async () => line.sound ?? []} /> : <p>{line.words}</p>}
        </li>
      ))}
      {lines.length === 0 && <li>{text('archive.nothing')}</li>}
      <li class="hint">{text('details.number')}: <code dir="ltr">{contact}</code></li>
    </ol>
  );
}

function Mine() {
  const [print, setPrint] = useState('');
  const mine = keyring.ownPublic();
  useEffect(() => void (mine && fingerprint(mine).then(setPrint)), []);
  return mine ? <p class="hint">{text('archive.mine')} <code>{print}</code></p> : null;
}

/** Whoever found this window open does not get at the coordinators' key: the server asks, and we here. */
function useProver(): { done: () => void; leave: () => void } | undefined {
  const [asked, setAsked] = useState<{ done: () => void; leave: () => void } | undefined>();
  const open = useRef(asked);
  open.current = asked;
  useEffect(() => {
    keyring.proveBy(() => new Promise((resolve, reject) => {
      const then = (act: () => void) => () => {
        setAsked(undefined);
        act();
      };
      setAsked({ done: then(resolve), leave: then(() => reject(new Refusal('prove'))) });
    }));
    return () => {
      keyring.proveBy(undefined);
      open.current?.leave();
    };
  }, []);
  return asked;
}

function Access({ person, busy, onGive }: { person: keyring.Person; busy: boolean; onGive: () => void }) {
  const [print, setPrint] = useState('');
  useEffect(() => void fingerprint(person.public).then(setPrint), [person.key]);
  return (
    <li>{text('archive.without', { name: person.display })} <code>{print}</code>{' '}
      <button type="button" class="small" disabled={busy} onClick={onGive}>{text('archive.share')}</button></li>
  );
}

function Keys({ desk, list, onDone }: { desk: Desk; list: Listed[]; onDone: () => void }) {
  const [busy, setBusy] = useState(false);
  const [outcome, setOutcome] = useState('');
  const asked = useProver();
  const run = (act: (onEach: (done: number) => void) => Promise<unknown>, words: (count: number) => string) => {
    let count = 0;
    setBusy(true);
    setOutcome('…');
    act((done) => {
      count = done;
      setOutcome(`${done} / ${list.length}`);
    }).then(() => setOutcome(words(count)), (why) => setOutcome(why instanceof Refusal ? text(`problem.${why.code}`, { retry: why.retry ?? 0 }) : text('archive.failed')))
      .finally(() => {
        setBusy(false);
        onDone();
      });
  };
  const sealed = (count: number) => text('archive.done', { count });
  const others = keyring.people().filter((one) => one.staff !== desk.me.id);
  return (
    <details class="archive-keys">
      <summary>{text('archive.keys')}</summary>
      {!keyring.hasRecovery() && <p class="warn">{text('archive.recovery')}</p>}
      <ul class="archive-without">{keyring.without().map((person) => <Access key={person.key} person={person} busy={busy} onGive={() => run(() => keyring.share(person), () => text('archive.shared', { name: person.display }))} />)}</ul>
      <p>{text('archive.again')}</p>
      <p class="actions">{others.map((one) => (
        <button key={one.key} type="button" class="small" disabled={busy} onClick={() => run((onEach) => keyring.reseal(
          list.filter((each) => each.staff === one.staff).map((each) => each.contact), one.key, one.public, onEach), sealed)}>{one.display}</button>
      ))}</p>
      <p>{text('archive.rotate.why')}</p>
      <p class="actions"><button type="button" class="small" disabled={busy} onClick={() => run((onEach) => keyring.rotate(list.map((one) => one.contact), onEach), sealed)}>{text('archive.rotate')}</button></p>
      {asked ? <Ask why={text('archive.prove')} go={text('archive.prove.go')} onOpen={asked.done} onLeave={asked.leave} /> : <p role="status">{outcome}</p>}
    </details>
  );
}

export function Archive({ desk, onClose }: { desk: Desk; onClose: () => void }) {
  const [open, setOpen] = useState(keyring.isOpen());
  const [all, setList] = useState<Listed[] | undefined>();
  const [picked, choose] = useState<Listed | undefined>();
  const { forgotten } = useModel();
  const list = all?.filter((one) => !forgotten.includes(one.contact));
  const chosen = picked && forgotten.includes(picked.contact) ? undefined : picked; // its words leave the page
  const [, redraw] = useState(0);
  useEffect(() => {
    if (open) listAll().then(setList, () => setList([]));
  }, [open]);
  return (
    <Dialog id="archive" title={text('archive')} wide onClose={onClose}>
      <p>{text('archive.about')}</p>
      {!open && <Ask why={text('archive.ask')} go={text('lock.open')} onOpen={() => setOpen(true)} />}
      {open && !list && <p role="status">{text('connecting')}</p>}
      {open && list && (
        <div class="archive-parts">
          <ul class="archive-list" aria-label={text('archive.list')}>
            {list.map((one) => (
              <li key={one.contact}>
                <button type="button" aria-current={chosen?.contact === one.contact ? 'true' : undefined} onClick={() => choose(one)}>
                  {hour(one.closed)} · {one.by ?? text('archive.nobody')}
                </button>
              </li>
            ))}
            {list.length === 0 && <li>{text('archive.none')}</li>}
          </ul>
          {chosen && <Conversation contact={chosen.contact} by={chosen.by ?? text('archive.team')} />}
        </div>
      )}
      {open && list && <Mine />}
      {open && list && desk.me.role === 'coordinator' && <Keys desk={desk} list={list} onDone={() => redraw((count) => count + 1)} />}
    </Dialog>
  );
}
