// Where I am signed in, and the codes for the day that my authenticator is lost.
import { useEffect, useRef, useState } from 'preact/hooks';
import { page, text } from './page';
import type { Desk } from './protocol';
import { wire } from './store';
import { stretch } from './vault';
import type { Refusal } from './wire';

interface Session { session: string; staff: number; display: string; created: number; expires: number; this: boolean }

const when = (time: number) => new Date(time).toLocaleString(page.lang, { dateStyle: 'medium', timeStyle: 'short' });

function Sessions() {
  const [list, setList] = useState<Session[]>([]);
  const load = () => wire.request('sessions').then((ok) => setList(ok.sessions as Session[]), () => undefined);
  useEffect(() => void load(), []);
  return (
    <ul class="sessions">
      {list.map((one) => (
        <li key={one.session}>
          {one.display} · {when(one.created)} {one.this ? text('account.this')
            : <button type="button" class="small" onClick={() => void wire.request('end', { session: one.session }).then(load, load)}>{text('account.end')}</button>}
        </li>
      ))}
    </ul>
  );
}

function Codes({ name }: { name: string }) {
  const [password, setPassword] = useState('');
  const [codes, setCodes] = useState<string[]>([]);
  const [why, setWhy] = useState('');
  return (
    <form onSubmit={(event) => {
      event.preventDefault();
      stretch(name, password).then(({ proof }) => wire.request('codes', { password: proof })).then((ok) => {
        setCodes(ok.codes as string[]);
        setWhy('');
      }).catch((refusal: Refusal) => setWhy(refusal.code));
      setPassword('');
    }}>
      <p>{text('account.codes.why')}</p>
      {codes.length > 0 ? <ol class="codes">{codes.map((code) => <li key={code}><code>{code.replace(/^.{5}/, '$&-')}</code></li>)}</ol> : (
        <div class="field">
          <label for="account-password">{text('sign.password')}</label>
          <input id="account-password" type="password" autocomplete="current-password" required value={password} onInput={(event) => setPassword(event.currentTarget.value)} />
          <p class="problem" role="alert">{why && text(`problem.${why}`, { retry: 30 })}</p>
          <button type="submit">{text('account.codes')}</button>
        </div>
      )}
    </form>
  );
}

export function Account({ desk, onClose }: { desk: Desk; onClose: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog ref={dialog} class="help" onClose={onClose} aria-labelledby="account-title">
      <h2 id="account-title">{desk.me.display}</h2>
      <h3>{text('account.sessions')}</h3>
      <Sessions />
      <h3>{text('account.codes.title')}</h3>
      <Codes name={desk.me.name} />
      <form method="dialog"><button class="primary">{text('help.close')}</button></form>
    </dialog>
  );
}
