import { useEffect, useState } from 'preact/hooks';
import { Account } from './account';
import { Archive } from './archive';
import { badge, ring, setMuted, soundBlocked, unlockSound } from './alarm';
import { Chat, Looking } from './chat';
import { Details } from './details';
import { Help } from './help';
import { keysEnabled, setKeys, watchKeys, type Shortcut } from './keys';
import { ringing, unread, type Model } from './model';
import { changeLanguage, page, text } from './page';
import type { Desk, Duty } from './protocol';
import { rank, LevelMark, Queue } from './queue';
import { get, hushAll, reloadRules, select, setDuty, signOut, take, tell, useProblem } from './store';
import { known } from './words';

const DUTIES: Duty[] = ['on', 'pause', 'off'];

function useNow(): number {
  const [now, setNow] = useState(Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 5000);
    return () => clearInterval(timer);
  }, []);
  return now;
}

function step(by: number): void {
  const { tabs, selected } = get();
  const at = tabs.indexOf(selected ?? '');
  const next = tabs[(at + by + tabs.length) % tabs.length];
  if (next) select(next);
}

function ask(what: 'close' | 'return'): void {
  dispatchEvent(new CustomEvent('onthaal-ask', { detail: what }));
}

function write(mode: 'say' | 'note'): void {
  dispatchEvent(new CustomEvent('onthaal-write', { detail: mode }));
}

function shortcuts(onHelp: () => void): Shortcut[] {
  return [
    { key: 'n', text: text('queue.next'), run: () => void take() },
    { key: 'j', text: text('key.down'), run: () => step(1) },
    { key: 'k', text: text('key.up'), run: () => step(-1) },
    { key: 'r', text: text('write.reply'), run: () => write('say') },
    { key: 'm', text: text('write.note'), run: () => write('note') },
    { key: 't', text: text('chat.return'), run: () => ask('return') },
    { key: 'c', text: text('chat.close'), run: () => ask('close') },
    { key: 'l', text: text('level.choose'), run: () => document.getElementById('level-choice')?.focus() },
    { key: 'q', text: text('queue'), run: () => document.querySelector<HTMLElement>('.row .pick')?.focus() },
    { key: 'h', text: text('alarm.hush'), run: hushAll },
    { key: '?', text: text('help'), run: onHelp },
  ];
}

function DutySwitch({ duty }: { duty: Duty }) {
  return (
    <div class="duty" role="group" aria-label={text('duty')}>
      {DUTIES.map((one) => (
        <button key={one} type="button" class={one} aria-pressed={duty === one} onClick={() => {
          setDuty(one);
          if (one === 'on') void unlockSound().then((good) => good && ring('waiting'));
        }}>{text(`duty.${one}`)}</button>
      ))}
    </div>
  );
}

function Top({ model, desk, onHelp, onArchive }: { model: Model; desk: Desk; onHelp: () => void; onArchive: () => void }) {
  const [account, setAccount] = useState(false);
  const waiting = Object.values(model.cards).filter((card) => card.state === 'waiting');
  const worst = waiting.reduce<'none' | 'elevated' | 'serious' | 'immediate'>((best, card) => (rank(card.level) > rank(best) ? card.level : best), 'none');
  return (
    <header class="top">
      <h1>{desk.centre}</h1>
      {desk.demo && <span class="tag practice">{text('demo')}</span>}
      <DutySwitch duty={desk.duty} />
      <p class="glance" role="status">
        {waiting.length ? <><LevelMark level={worst} /> {text('glance', { count: waiting.length })}</> : text('glance.none')}
      </p>
      <button type="button" class={`primary next${waiting.length ? '' : ' idle'}`} onClick={() => void take()}>{text('queue.next')} <kbd>n</kbd></button>
      <button type="button" class="small me" title={text('account')} onClick={() => setAccount(true)}>{desk.me.display}</button>
      {account && <Account desk={desk} onClose={() => setAccount(false)} />}
      <select aria-label={text('language')} value={page.lang} onChange={(event) => {
        void changeLanguage(event.currentTarget.value).then((good) => good && dispatchEvent(new Event('onthaal-language')));
      }}>
        {page.languages.filter((one) => one.console).map(({ code, name }) => <option key={code} value={code} lang={code}>{name}</option>)}
      </select>
      <button type="button" class="small" onClick={onArchive}>{text('archive')}</button>
      <button type="button" class="small" onClick={onHelp} aria-label={text('help')}>?</button>
      <button type="button" class="small" onClick={() => void signOut()}>{text('sign.out')}</button>
    </header>
  );
}

function Banners({ model, desk }: { model: Model; desk: Desk }) {
  const problem = useProblem();
  const rings = ringing(model);
  const [blocked, setBlocked] = useState(soundBlocked());
  useEffect(() => {
    const timer = setInterval(() => setBlocked(soundBlocked()), 500);
    return () => clearInterval(timer);
  }, []);
  const [code, by] = problem.split(':');
  return (
    <section class="banners" aria-label={text('banners')}>
      {rings.length > 0 && (
        <div class="banner alarm" role="alert">
          <span><LevelMark level={rings.reduce((best, one) => (rank(one.level) > rank(best) ? one.level : best), rings[0]?.level ?? 'none')} /> {text('alarm.waiting', { count: rings.length })}</span>
          <button type="button" class="small" onClick={hushAll}>{text('alarm.hush')} <kbd>h</kbd></button>
        </div>
      )}
      {model.line !== 'up' && <p class="banner warn" role="status">{text('line.down')}</p>}
      {desk.trouble && <p class="banner warn" role="status">{text('line.trouble')}</p>}
      {desk.duty === 'on' && blocked && (
        <p class="banner warn">{text('alarm.blocked')} <button type="button" class="small"
          onClick={() => void unlockSound().then((good) => {
            setBlocked(!good);
            if (good) ring('waiting');
          })}>{text('alarm.unblock')}</button></p>
      )}
      {problem && (
        <p class="banner warn" role="alert">{text(`problem.${code}`, { by: by ?? '' })}
          <button type="button" class="small" onClick={() => tell('')}>{text('problem.seen')}</button></p>
      )}
    </section>
  );
}

function Tabs({ model }: { model: Model }) {
  if (model.tabs.length < 2) return null;
  return (
    <nav class="tabs" aria-label={text('tabs')}>
      {model.tabs.map((id) => {
        const conversation = model.mine[id];
        if (!conversation) return null;
        const count = unread(conversation);
        return (
          <button key={id} type="button" aria-current={model.selected === id ? 'true' : undefined} onClick={() => select(id)}>
            {known('who', conversation.card.who)}{count > 0 && <span class="count">{count}</span>}
          </button>
        );
      })}
    </nav>
  );
}

export function DeskView({ model, desk }: { model: Model; desk: Desk }) {
  const now = useNow();
  const [help, setHelp] = useState(false);
  const [archive, setArchive] = useState(false);
  const [keys, switchKeys] = useState(keysEnabled());
  useEffect(() => watchKeys(() => shortcuts(() => setHelp(true))), []);
  const rings = ringing(model);
  const waiting = Object.values(model.cards).filter((card) => card.state === 'waiting').length;
  useEffect(() => badge(waiting, rings.some((alarm) => rank(alarm.level) >= 2 || alarm.why === 'overdue')), [waiting, rings.length]);
  useEffect(() => setMuted(desk.duty === 'off'), [desk.duty]);
  const shown = model.looking ?? (model.selected ? model.mine[model.selected] : undefined);
  return (
    <div class="desk">
      <Top model={model} desk={desk} onHelp={() => setHelp(true)} onArchive={() => setArchive(true)} />
      <Banners model={model} desk={desk} />
      <main>
        <Queue model={model} now={now} />
        <div class="middle">
          <Tabs model={model} />
          <div class="chats">
            {model.looking && <Looking conversation={model.looking} />}
            {model.tabs.map((id) => {
              const conversation = model.mine[id];
              return conversation && (
                <Chat key={id} conversation={conversation} replies={desk.replies} active={!model.looking && model.selected === id}
                  onFocus={() => get().selected !== id && select(id)} />
              );
            })}
            {!model.looking && model.tabs.length === 0 && <p class="empty">{desk.duty === 'on' ? text('empty.on') : text('empty.off')}</p>}
          </div>
        </div>
        {shown ? <Details conversation={shown} mine={!model.looking} /> : <Colleagues desk={desk} />}
      </main>
      {archive && <Archive desk={desk} onClose={() => setArchive(false)} />}
      {help && <Help shortcuts={shortcuts(() => undefined)} keys={keys} onKeys={(on) => {
        setKeys(on);
        switchKeys(on);
      }} onClose={() => setHelp(false)} />}
    </div>
  );
}

function Rules() {
  const [outcome, setOutcome] = useState('');
  const [busy, setBusy] = useState(false);
  return (
    <section class="rules" aria-label={text('rules')}>
      <h2>{text('rules')}</h2>
      <button type="button" class="small" disabled={busy} onClick={() => {
        setBusy(true);
        void reloadRules().then((words) => {
          setOutcome(words);
          setBusy(false);
        });
      }}>{text(busy ? 'rules.busy' : 'rules.reload')}</button>
      <p class="outcome" role="status">{outcome}</p>
    </section>
  );
}

function Colleagues({ desk }: { desk: Desk }) {
  return (
    <aside class="details" aria-label={text('colleagues')}>
      <h2>{text('colleagues')}</h2>
      <ul class="colleagues">
        {desk.colleagues.map((one) => <li key={one.id}>{one.display} · {text(`duty.${one.duty}`)} · {text('colleagues.contacts', { count: one.contacts })}</li>)}
      </ul>
      {desk.me.role === 'coordinator' && <Rules />}
    </aside>
  );
}
