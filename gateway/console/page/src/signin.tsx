import { useEffect, useState } from 'preact/hooks';
import { mustBeStrong, Verdict } from './credentials';
import { remember } from './keyring';
import { page, text } from './page';
import { elsewhere, offered, use } from './passkey';
import { PASSWORD_MAX, PASSWORD_MIN } from './password';
import { ByProvider } from './provider';
import { Qr } from './qr';
import { get, signedIn, useModel, wire } from './store';
import { stretch } from './vault';
import type { Ok, Refusal } from './wire';

function Field(props: { id: string; label: string; type?: string; value: string; onValue: (value: string) => void;
  complete?: string; mode?: 'numeric' }) {
  return (
    <div class="field">
      <label for={props.id}>{props.label}</label>
      <input id={props.id} name={props.id} type={props.type ?? 'text'} value={props.value} required autocomplete={props.complete ?? 'off'}
        inputMode={props.mode} onInput={(event) => props.onValue(event.currentTarget.value)} />
    </div>
  );
}

function Problem({ why }: { why?: Refusal }) {
  return <p class="problem" role="alert">{why ? text(`problem.${why.code}`, { retry: why.retry ?? 0, min: PASSWORD_MIN, max: PASSWORD_MAX }) : ''}</p>;
}

/** The password itself stays here: its proof goes, and its lock is kept for my keys. */
async function ask(t: string, name: string, password: string, keys: object): Promise<Ok> {
  const stretched = await stretch(name, password);
  const ok = await wire.request(t, { ...keys, password: stretched.proof });
  remember(stretched);
  return ok;
}

function useForm(act: () => Promise<Ok>): { why?: Refusal; busy: boolean; submit: (event: Event) => void } {
  const [why, setWhy] = useState<Refusal | undefined>();
  const [busy, setBusy] = useState(false);
  const submit = (event: Event) => {
    event.preventDefault();
    setBusy(true);
    act().then(signedIn).catch((refusal: Refusal) => setWhy(refusal)).finally(() => setBusy(false));
  };
  return { why, busy, submit };
}

export function Invite({ token, onDone }: { token: string; onDone: () => void }) {
  const { greeted } = useModel();
  const [about, setAbout] = useState<Ok | undefined>();
  const [gone, setGone] = useState<Refusal | undefined>();
  const [password, setPassword] = useState('');
  const [code, setCode] = useState('');
  const names = [String(about?.name), String(about?.display)];
  const form = useForm(() => mustBeStrong(password, ...names).then(() => ask('accept', String(about?.name), password, { token, code: code.replace(/\s/g, '') })).then((ok) => {
    history.replaceState(null, '', location.pathname);
    onDone();
    return ok;
  }));
  useEffect(() => {
    if (greeted) wire.request('invite', { token }).then(setAbout).catch((why: Refusal) => why.code !== 'line' && setGone(why));
  }, [greeted]);
  if (gone) return <main class="gate"><div class="card"><h1>{page.centre}</h1><p role="alert">{text('invite.expired')}</p></div></main>;
  if (!about) return <main class="gate"><p role="status">{text('connecting')}</p></main>;
  return (
    <main class="gate">
      <form class="card" onSubmit={form.submit}>
        <h1>{text('invite.title', { name: String(about.display) })}</h1>
        <p>{text('invite.name')} <strong>{String(about.name)}</strong></p>
        <ol class="steps">
          <li>
            <p>{text('invite.scan')}</p>
            <Qr uri={String(about.uri)} />
            <p class="hint">{text('invite.secret')} <code>{String(about.secret).replace(/(.{4})/g, '$1 ')}</code></p>
          </li>
          <li>
            <Field id="password" type="password" complete="new-password" label={text('invite.password', { min: PASSWORD_MIN })}
              value={password} onValue={setPassword} />
            <Verdict password={password} names={names} />
          </li>
          <li><Field id="code" mode="numeric" complete="one-time-code" label={text('sign.code')} value={code} onValue={setCode} /></li>
        </ol>
        <Problem why={form.why} />
        <button type="submit" class="primary" disabled={form.busy}>{form.busy ? text('sign.busy') : text('invite.accept')}</button>
      </form>
    </main>
  );
}

/** Where passkeys are for another address, that one; of a browser that knows none, nothing. */
function ByPasskey({ act, label }: { act: () => Promise<unknown>; label: string }) {
  const { greeted, passkeys } = useModel();
  const [why, setWhy] = useState<Refusal | undefined>();
  const [busy, setBusy] = useState(false);
  const is = offered(passkeys);
  if (is === 'browser' || (is === 'name' && !passkeys)) return null;
  if (is === 'name') return <p class="hint">{text('passkey.address', { address: elsewhere(passkeys) ?? '' })}</p>;
  return (
    <div class="by-passkey">
      <Problem why={why} />
      <button type="button" disabled={busy || !greeted} onClick={() => {
        setBusy(true);
        setWhy(undefined);
        act().catch((refusal: Refusal) => setWhy(refusal)).finally(() => setBusy(false));
      }}>{busy ? text('passkey.busy') : label}</button>
    </div>
  );
}

export function SignIn({ ended }: { ended: boolean }) {
  const { greeted } = useModel();
  const [name, setName] = useState('');
  const [password, setPassword] = useState('');
  const [code, setCode] = useState('');
  const form = useForm(() => ask('sign-in', name, password, { name: name.trim(), code: code.replace(/[\s-]/g, '').toLowerCase() }));
  return (
    <main class="gate">
      <form class="card" onSubmit={form.submit}>
        <h1>{page.centre}</h1>
        {ended && <p role="status">{text('sign.ended')}</p>}
        <Field id="name" complete="username" label={text('sign.name')} value={name} onValue={setName} />
        <Field id="password" type="password" complete="current-password" label={text('sign.password')} value={password} onValue={setPassword} />
        <Field id="code" complete="one-time-code" label={text('sign.code')} value={code} onValue={setCode} />
        <p class="hint">{text('sign.lost')}</p>
        <Problem why={form.why} />
        <button type="submit" class="primary" disabled={form.busy || !greeted}>
          {form.busy ? text('sign.busy') : greeted ? text('sign.in') : text('connecting')}
        </button>
        <ByPasskey label={text('sign.passkey')} act={() => use('passkey-in').then(signedIn)} />
        <ByProvider />
      </form>
    </main>
  );
}

export function Unlock({ name, onOut }: { name: string; onOut: () => void }) {
  const [password, setPassword] = useState('');
  const [why, setWhy] = useState<Refusal | undefined>();
  return (
    <main class="gate">
      <form class="card" onSubmit={(event) => {
        event.preventDefault();
        ask('unlock', get().desk?.me.name ?? '', password, {}).catch((refusal: Refusal) => setWhy(refusal));
      }}>
        <h1>{text('lock.title')}</h1>
        <p>{text('lock.text', { name })}</p>
        <Field id="password" type="password" complete="current-password" label={text('sign.password')} value={password} onValue={setPassword} />
        <Problem why={why} />
        <div class="actions">
          <button type="submit" class="primary">{text('lock.open')}</button>
          <button type="button" onClick={onOut}>{text('sign.out')}</button>
        </div>
        <ByPasskey label={text('lock.passkey')} act={() => use('passkey-unlock')} />
      </form>
    </main>
  );
}
