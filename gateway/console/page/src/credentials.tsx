// What I sign in with, changed by me: another password, another authenticator.
import { useEffect, useRef, useState } from 'preact/hooks';
import { changePassword } from './keyring';
import { page, text } from './page';
import { estimator, judge, knownOf, PASSWORD_MAX, PASSWORD_MIN, type Weakness } from './password';
import type { Desk } from './protocol';
import { Qr } from './qr';
import { wire } from './store';
import { stretch } from './vault';
import { Refusal, type Ok } from './wire';

type Me = Desk['me'];

const WAIT = 300; // ms after the last key

const about = (why: Refusal) => text(`problem.${why.code === 'stale' ? 'changed' : why.code === 'wrong' ? 'password' : why.code}`,
  { retry: why.retry ?? 30, min: PASSWORD_MIN, max: PASSWORD_MAX });

/** What is known of a password as it is typed: nothing yet, good, or why not. */
export function useVerdict(password: string, ...names: string[]): Weakness | 'good' | undefined {
  const [verdict, setVerdict] = useState<Weakness | 'good' | undefined>();
  useEffect(() => {
    setVerdict(undefined);
    if (!password) return undefined;
    const timer = setTimeout(() => void estimator().then((weigh) => setVerdict(judge(password, knownOf(page.centre, ...names), weigh) ?? 'good'), () => undefined), WAIT);
    return () => clearTimeout(timer);
  }, [password]);
  return verdict;
}

export function Verdict({ password, names }: { password: string; names: string[] }) {
  const verdict = useVerdict(password, ...names);
  return (
    <p class={`hint verdict ${verdict ?? ''}`} role="status">
      {verdict === 'good' ? text('account.password.good') : verdict ? text(`problem.${verdict}`, { min: PASSWORD_MIN, max: PASSWORD_MAX }) : text('invite.sentence')}
    </p>
  );
}

/** Rejects with a Refusal when it may not be chosen. */
export async function mustBeStrong(password: string, ...names: string[]): Promise<void> {
  const weigh = await estimator().catch(() => { throw new Refusal('line'); });
  const weakness = judge(password, knownOf(page.centre, ...names), weigh);
  if (weakness) throw new Refusal(weakness);
}

function Secret({ label, value, shown, complete, onValue }: {
  label: string; value: string; shown: boolean; complete: string; onValue: (value: string) => void;
}) {
  return (
    <label class="choice">{label}
      <input type={shown ? 'text' : 'password'} required autocomplete={complete} autocapitalize="off" spellcheck={false} value={value}
        onInput={(event) => onValue(event.currentTarget.value)} /></label>
  );
}

const nothing = { now: '', next: '', again: '' };

export function Password({ me }: { me: Me }) {
  const [typed, setTyped] = useState(nothing);
  const [shown, setShown] = useState(false);
  const [busy, setBusy] = useState(false);
  const [outcome, setOutcome] = useState('');
  const [why, setWhy] = useState('');
  const names = [me.name, me.display];
  const change = async () => {
    if (typed.next !== typed.again) throw new Refusal('differ');
    if (typed.next === typed.now) throw new Refusal('same');
    await mustBeStrong(typed.next, ...names);
    await changePassword(typed.now, typed.next);
    setTyped(nothing);
    setShown(false);
    setOutcome(text('account.password.changed'));
  };
  return (
    <form class="lines" onSubmit={(event) => {
      event.preventDefault();
      setBusy(true);
      setOutcome('');
      setWhy('');
      change().catch((refusal: Refusal) => setWhy(about(refusal))).finally(() => setBusy(false));
    }}>
      <input hidden autocomplete="username" value={me.name} readOnly />
      <Secret label={text('account.password.now')} complete="current-password" value={typed.now} shown={shown} onValue={(now) => setTyped((was) => ({ ...was, now }))} />
      <Secret label={text('account.password.next', { min: PASSWORD_MIN })} complete="new-password" value={typed.next} shown={shown} onValue={(next) => setTyped((was) => ({ ...was, next }))} />
      <Verdict password={typed.next} names={names} />
      <Secret label={text('account.password.again')} complete="new-password" value={typed.again} shown={shown} onValue={(again) => setTyped((was) => ({ ...was, again }))} />
      <label class="check"><input type="checkbox" checked={shown} onChange={(event) => setShown(event.currentTarget.checked)} /> {text('account.password.show')}</label>
      <p class="actions"><button type="submit" class="small" disabled={busy}>{busy ? text('sign.busy') : text('account.password.change')}</button>
        <span role="status">{outcome}</span> <span role="alert" class="problem">{why}</span></p>
      <p class="hint">{text('account.password.why')}</p>
    </form>
  );
}

const codeOf = (typed: string) => typed.replace(/[\s-]/g, '').toLowerCase();

function NewCode({ secret, onDone }: { secret: Ok; onDone: (words: string) => void }) {
  const [code, setCode] = useState('');
  const [why, setWhy] = useState('');
  return (
    <form class="lines" onSubmit={(event) => {
      event.preventDefault();
      wire.request('authenticator', { code: codeOf(code) }).then(() => onDone(text('account.authenticator.changed')), (refusal: Refusal) => {
        if (refusal.code === 'expired') onDone(text('account.authenticator.late'));
        else setWhy(refusal.code === 'wrong' ? text('account.authenticator.wrong') : about(refusal));
      });
    }}>
      <p>{text('invite.scan')}</p>
      <Qr uri={String(secret.uri)} />
      <p class="hint">{text('invite.secret')} <code>{String(secret.secret).replace(/(.{4})/g, '$1 ')}</code></p>
      <label class="choice">{text('account.authenticator.code')}
        <input required inputMode="numeric" autocomplete="one-time-code" value={code} onInput={(event) => setCode(event.currentTarget.value)} /></label>
      <p class="actions"><button type="submit" class="small primary">{text('account.authenticator.use')}</button>
        <button type="button" class="small" onClick={() => onDone('')}>{text('account.authenticator.keep')}</button> <span role="alert" class="problem">{why}</span></p>
    </form>
  );
}

function AskNew({ me, onSecret }: { me: Me; onSecret: (secret: Ok) => void }) {
  const [password, setPassword] = useState('');
  const [code, setCode] = useState('');
  const [why, setWhy] = useState('');
  return (
    <form class="lines" onSubmit={(event) => {
      event.preventDefault();
      setWhy('');
      stretch(me.name, password).then(({ proof }) => wire.request('authenticator-new', { password: proof, code: codeOf(code) }))
        .then(onSecret, (refusal: Refusal) => setWhy(refusal.code === 'wrong' ? text('account.authenticator.refused') : about(refusal)));
      setPassword('');
      setCode('');
    }}>
      <p class="hint">{text('account.authenticator.why')}</p>
      <Secret label={text('sign.password')} complete="current-password" value={password} shown={false} onValue={setPassword} />
      <label class="choice">{text('account.authenticator.present')}
        <input required autocomplete="one-time-code" value={code} onInput={(event) => setCode(event.currentTarget.value)} /></label>
      <p class="actions"><button type="submit" class="small">{text('account.authenticator.new')}</button> <span role="alert" class="problem">{why}</span></p>
    </form>
  );
}

/** One form after the other, in one place: the focus goes along. */
export function Authenticator({ me }: { me: Me }) {
  const [secret, setSecret] = useState<Ok | undefined>();
  const [outcome, setOutcome] = useState('');
  const place = useRef<HTMLDivElement>(null);
  const begun = useRef(false);
  useEffect(() => {
    if (begun.current) place.current?.querySelector('input')?.focus();
    begun.current = true;
  }, [secret]);
  const show = (next: Ok | undefined, words: string) => {
    setSecret(next);
    setOutcome(words);
  };
  return (
    <div class="lines" ref={place}>
      {secret ? <NewCode secret={secret} onDone={(words) => show(undefined, words)} /> : <AskNew me={me} onSecret={(next) => show(next, '')} />}
      <p role="status">{outcome}</p>
    </div>
  );
}
