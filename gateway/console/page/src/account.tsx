// Where I am signed in, and the codes for the day that my authenticator is lost.
import { useEffect, useState } from 'preact/hooks';
import { page, text } from './page';
import { wire } from './store';
import { stretch } from './vault';
import type { Refusal } from './wire';

interface Session { session: string; staff: number; display: string; created: number; expires: number; this: boolean }

const when = (time: number) => new Date(time).toLocaleString(page.lang, { dateStyle: 'medium', timeStyle: 'short' });

export function Sessions() {
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

export function Codes({ name }: { name: string }) {
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
