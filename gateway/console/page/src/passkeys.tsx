// My passkeys: what signs me in without password and code, and opens my archive where the device can.
import { useEffect, useState } from 'preact/hooks';
import { isOpen, lend, unlockWith } from './keyring';
import { page, text } from './page';
import { add, elsewhere, list, offered, remove, type Passkey } from './passkey';
import { useModel } from './store';
import { stretch } from './vault';
import type { Refusal } from './wire';

const LABEL = 40; // UTF-16 units: at most 120 bytes

const day = (time: number) => new Date(time).toLocaleDateString(page.lang, { dateStyle: 'medium', timeZone: 'UTC' });
const used = (one: Passkey) => (one.used ? text('passkey.used', { date: day(one.used) }) : text('passkey.unused'));

/** The password opens my key, if it is not open yet, so that the passkey can be lent it. */
async function make(label: string, name: string, password: string): Promise<string> {
  const stretched = await stretch(name, password);
  const { lock, passkey, credential } = await add(label, name, stretched.proof);
  if (!lock) return text('passkey.added');
  if (!isOpen()) await unlockWith(stretched);
  return text(await lend({ passkey, credential, lock }) ? 'passkey.added.archive' : 'passkey.added');
}

function Add({ name, onDone }: { name: string; onDone: (words: string) => void }) {
  const [label, setLabel] = useState('');
  const [password, setPassword] = useState('');
  const [busy, setBusy] = useState(false);
  const [why, setWhy] = useState('');
  return (
    <form class="lines" onSubmit={(event) => {
      event.preventDefault();
      setBusy(true);
      setWhy('');
      make(label.trim(), name, password).then((words) => {
        setLabel('');
        onDone(words);
      }).catch((refusal: Refusal) => setWhy(text(`problem.${refusal.code === 'wrong' ? 'password' : refusal.code}`, { retry: refusal.retry ?? 0 }))).finally(() => setBusy(false));
      setPassword('');
    }}>
      <label class="choice">{text('passkey.label')}
        <input value={label} required pattern=".*\S.*" maxLength={LABEL} autocomplete="off" onInput={(event) => setLabel(event.currentTarget.value)} /></label>
      <label class="choice">{text('sign.password')}
        <input type="password" required autocomplete="current-password" value={password} onInput={(event) => setPassword(event.currentTarget.value)} /></label>
      <p class="problem" role="alert">{why}</p>
      <p class="actions"><button type="submit" class="small" disabled={busy}>{busy ? text('passkey.busy') : text('passkey.add')}</button></p>
    </form>
  );
}

export function Passkeys({ name }: { name: string }) {
  const { passkeys: rp } = useModel();
  const [mine, setMine] = useState<Passkey[]>([]);
  const [outcome, setOutcome] = useState('');
  const load = () => list().then(setMine, () => undefined);
  useEffect(() => void load(), []);
  const done = (words: string) => {
    setOutcome(words);
    void load();
  };
  const is = offered(rp);
  const address = elsewhere(rp);
  return (
    <>
      <p class="hint">{text('passkey.why')}</p>
      <ul class="sessions passkeys">
        {mine.map((one) => (
          <li key={one.passkey}>
            <span><strong>{one.label}</strong> <span class="hint">{text('passkey.made', { date: day(one.created) })} · {used(one)} · {text(one.vault ? 'passkey.opens' : 'passkey.signs')}</span></span>
            <button type="button" class="small" aria-label={text('passkey.remove.one', { label: one.label })}
              onClick={() => void remove(one.passkey).then(() => done(text('passkey.removed', { label: one.label })), () => load())}>{text('passkey.remove')}</button>
          </li>
        ))}
      </ul>
      <p role="status">{outcome}</p>
      {is === 'yes' && <Add name={name} onDone={done} />}
      {is === 'browser' && <p>{text('passkey.browser')}</p>}
      {is === 'name' && <p>{address ? text('passkey.address', { address }) : text('passkey.no-name')}</p>}
    </>
  );
}
