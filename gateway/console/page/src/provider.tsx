import type { ComponentChildren } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { page, text } from './page';
import { comeBack, goThere, type Answer } from './signon';
import { signedIn, useModel, wire } from './store';
import { type Ok, Refusal } from './wire';

/** Some refusals mean another thing here than elsewhere. */
const OWN = ['expired', 'declined', 'provider', 'unlinked', 'in-use', 'stopped'];

function Problem({ why }: { why?: Refusal }) {
  const words = why && (OWN.includes(why.code) ? text(`oidc.problem.${why.code}`) : text(`problem.${why.code}`, { retry: why.retry ?? 0 }));
  return <p class="problem" role="alert">{words ?? ''}</p>;
}

/** The button, where the server offers it. */
export function ByProvider({ token }: { token?: string }) {
  const { greeted, oidc } = useModel();
  const [why, setWhy] = useState<Refusal | undefined>();
  const [busy, setBusy] = useState(false);
  if (!oidc) return null;
  return (
    <div class="by-provider">
      <Problem why={why} />
      <button type="button" class={token ? 'primary' : undefined} disabled={busy || !greeted} onClick={() => {
        setBusy(true);
        goThere(token).catch((refusal: Refusal) => {
          setWhy(refusal);
          setBusy(false);
        });
      }}>{text('oidc.button', { provider: oidc })}</button>
    </div>
  );
}

function Gate(props: { children: ComponentChildren }) {
  return <main class="gate"><div class="card"><h1>{page.centre}</h1>{props.children}</div></main>;
}

/** After the provider: our own code, unless it asked for a second factor itself. onStop: no more of them. */
function Code({ onStop }: { onStop: (why: Refusal) => void }) {
  const [code, setCode] = useState('');
  const [why, setWhy] = useState<Refusal | undefined>();
  const [busy, setBusy] = useState(false);
  return (
    <main class="gate">
      <form class="card" onSubmit={(event) => {
        event.preventDefault();
        setBusy(true);
        wire.request('oidc-code', { code: code.replace(/[\s-]/g, '').toLowerCase() }).then(signedIn)
          .catch((refusal: Refusal) => (refusal.code === 'stopped' ? onStop(refusal) : setWhy(refusal))).finally(() => setBusy(false));
      }}>
        <h1>{page.centre}</h1>
        <p>{text('oidc.second')}</p>
        <div class="field">
          <label for="code">{text('sign.code')}</label>
          <input id="code" name="code" value={code} required autocomplete="one-time-code" onInput={(event) => setCode(event.currentTarget.value)} />
        </div>
        <p class="hint">{text('sign.lost')}</p>
        <Problem why={why} />
        <button type="submit" class="primary" disabled={busy}>{busy ? text('sign.busy') : text('sign.in')}</button>
      </form>
    </main>
  );
}

/** Back from the provider. onDone: to the ordinary sign-in. */
export function Return({ answer, onDone }: { answer: Answer | 'stray'; onDone: () => void }) {
  const { greeted } = useModel();
  const [asked, setAsked] = useState(false);
  const [second, setSecond] = useState(false);
  const [why, setWhy] = useState<Refusal | undefined>(answer === 'stray' ? new Refusal('expired') : undefined);
  useEffect(() => {
    if (!greeted || asked || answer === 'stray') return;
    setAsked(true); // once: the code is worth nothing after it
    comeBack(answer).then((ok?: Ok) => (ok ? signedIn(ok) : setSecond(true))).catch((refusal: Refusal) => setWhy(refusal));
  }, [greeted]);
  if (second && greeted && !why) return <Code onStop={setWhy} />;
  if (why || second)
    return <Gate><Problem why={why ?? new Refusal('line')} /><button type="button" class="primary" onClick={onDone}>{text('oidc.again')}</button></Gate>;
  return <main class="gate"><p role="status">{text('sign.busy')}</p></main>;
}

/** The link by which somebody connects an account. */
export function Connect({ token }: { token: string }) {
  const { greeted, oidc } = useModel();
  const [about, setAbout] = useState<Ok | undefined>();
  const [gone, setGone] = useState(false);
  useEffect(() => {
    if (greeted) wire.request('oidc-link', { token }).then(setAbout).catch((why: Refusal) => why.code !== 'line' && setGone(true));
  }, [greeted]);
  if (gone) return <Gate><p role="alert">{text('oidc.link.expired')}</p></Gate>;
  if (!about || !oidc) return <main class="gate"><p role="status">{text('connecting')}</p></main>;
  return (
    <Gate>
      <p>{text('oidc.link.about', { name: String(about.display), provider: oidc })}</p>
      <ByProvider token={token} />
    </Gate>
  );
}
