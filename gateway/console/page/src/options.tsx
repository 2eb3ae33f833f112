// What I choose for my own console. Each choice is in use, and stored, at once.
import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { Codes, Sessions } from './account';
import { askConsent, notifyConsent, playTest, unlockSound, type Sound } from './alarm';
import { Authenticator, Password } from './credentials';
import { Dialog } from './dialog';
import { OwnReplies } from './ownreplies';
import { page, text } from './page';
import { Passkeys } from './passkeys';
import { getTelephone, saveSettings, saveTelephone, speak, useSettings } from './prefs';
import type { Desk } from './protocol';
import type { Settings } from './settings';
import { tell } from './store';
import { stretch } from './vault';
import type { Refusal } from './wire';

function save(more: Partial<Settings>): void {
  saveSettings(more).catch((why: Refusal) => tell(why.code));
}

function Part({ title, of = '', children }: { title: string; of?: string; children: ComponentChildren }) {
  return <section class={`part ${of}`} aria-label={title}><h3>{title}</h3>{children}</section>;
}

function Check({ label, hint, on, onChange }: { label: string; hint?: string; on: boolean; onChange: (on: boolean) => void }) {
  return (
    <label class="check"><input type="checkbox" checked={on} onChange={(event) => onChange(event.currentTarget.checked)} /> {label}
      {hint && <span class="hint">{hint}</span>}</label>
  );
}

function Choice({ label, value, values, onChange }: { label: string; value: string; values: [string, string][]; onChange: (value: string) => void }) {
  return (
    <label class="choice">{label}
      <select value={value} onChange={(event) => onChange(event.currentTarget.value)}>
        {values.map(([key, words]) => <option key={key} value={key}>{words}</option>)}
      </select>
    </label>
  );
}

const play = (sound: Sound) => () => void unlockSound().then((good) => good && playTest(sound));

function Sounds({ settings }: { settings: Settings }) {
  const [consent, setConsent] = useState(notifyConsent());
  return (
    <Part title={text('settings.sounds')}>
      <Choice label={text('settings.sounds.which')} value={settings.sounds} onChange={(value) => save({ sounds: value as Settings['sounds'] })}
        values={(['all', 'danger', 'none'] as const).map((one) => [one, text(`settings.sounds.${one}`)])} />
      <Choice label={text('settings.volume')} value={String(settings.volume)} onChange={(value) => save({ volume: Number(value) })}
        values={[1, 2, 3].map((one) => [String(one), text(`settings.volume.${one}`)])} />
      <p class="actions">
        <button type="button" class="small" onClick={play('waiting')}>{text('alarm.hear.waiting')}</button>
        <button type="button" class="small" onClick={play('danger')}>{text('alarm.hear.danger')}</button>
      </p>
      <Check label={text('settings.notify')} hint={text(consent === 'denied' ? 'settings.notify.denied' : 'settings.notify.why')} on={settings.notify && consent === 'granted'}
        onChange={(on) => {
          save({ notify: on });
          if (on) void askConsent().then(setConsent);
        }} />
    </Part>
  );
}

function Care({ settings }: { settings: Settings }) {
  return (
    <Part title={text('settings.care')}>
      <Check label={text('settings.fold')} hint={text('settings.fold.why')} on={settings.fold} onChange={(fold) => save({ fold })} />
      <Choice label={text('settings.wrapup')} value={String(settings.wrapup)} onChange={(value) => save({ wrapup: Number(value) })}
        values={[0, 5, 10, 15].map((one) => [String(one), one ? text('minutes', { minutes: one }) : text('settings.wrapup.none')])} />
    </Part>
  );
}

function Screen({ settings }: { settings: Settings }) {
  return (
    <Part title={text('settings.screen')}>
      <Choice label={text('language')} value={page.lang} values={page.languages.filter((one) => one.console).map(({ code, name }) => [code, name])}
        onChange={(language) => {
          save({ language });
          void speak(language);
        }} />
      <Check label={text('layout.one')} on={settings.layout === 'one'} onChange={(on) => save({ layout: on ? 'one' : 'side' })} />
      <Check label={text('help.keys')} on={settings.keys} onChange={(keys) => save({ keys })} />
    </Part>
  );
}

/** Calls of visitors are sent there, so the password is asked. */
function Telephone({ name }: { name: string }) {
  const [number, setNumber] = useState(getTelephone());
  const [password, setPassword] = useState('');
  const [outcome, setOutcome] = useState('');
  return (
    <Part title={text('settings.telephone')}>
      <form class="lines" onSubmit={(event) => {
        event.preventDefault();
        stretch(name, password).then(({ proof }) => saveTelephone(number.trim(), proof))
          .then(() => setOutcome(text('settings.saved')))
          .catch((why: Refusal) => setOutcome(why.code === 'invalid' ? text('settings.telephone.form') : text(`problem.${why.code}`, { retry: 30 })));
        setPassword('');
      }}>
        <label class="choice">{text('settings.telephone.number')}
          <input value={number} maxLength={120} autocomplete="off" onInput={(event) => setNumber(event.currentTarget.value)} /></label>
        <label class="choice">{text('sign.password')}
          <input type="password" required autocomplete="current-password" value={password} onInput={(event) => setPassword(event.currentTarget.value)} /></label>
        <p class="actions"><button type="submit" class="small">{text('settings.save')}</button> <span role="status">{outcome}</span></p>
      </form>
      <p class="hint">{text('settings.telephone.why')}</p>
    </Part>
  );
}

export function Options({ desk, onClose }: { desk: Desk; onClose: () => void }) {
  const settings = useSettings();
  return (
    <Dialog id="settings" title={`${text('settings')} · ${desk.me.display}`} wide onClose={onClose}>
      <div class="parts">
        <Screen settings={settings} />
        <Sounds settings={settings} />
        <Care settings={settings} />
        <Telephone name={desk.me.name} />
        <OwnReplies settings={settings} />
        <Part title={text('account.sessions')}><Sessions /></Part>
        <Part of="password-part" title={text('account.password.title')}><Password me={desk.me} /></Part>
        <Part of="authenticator-part" title={text('account.authenticator.title')}><Authenticator me={desk.me} /></Part>
        <Part title={text('passkey.title')}><Passkeys name={desk.me.name} /></Part>
        <Part title={text('account.codes.title')}><Codes name={desk.me.name} /></Part>
      </div>
    </Dialog>
  );
}
