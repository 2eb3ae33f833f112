import { useEffect, useRef, useState } from 'preact/hooks';
import { badge, setMuted, unnotify } from './alarm';
import { Archive } from './archive';
import { Banners } from './banners';
import { AfterPanel, RestPanel } from './care';
import { Chat, Looking } from './chat';
import { Details } from './details';
import { Help } from './help';
import { watchKeys } from './keys';
import { LevelMark, rank } from './level';
import { ringing, unread, type Model } from './model';
import { Options } from './options';
import { page, text } from './page';
import { useSettings } from './prefs';
import type { Desk } from './protocol';
import { Queue } from './queue';
import { shortcuts, toggleLayout } from './shortcuts';
import { Side } from './side';
import { get, select } from './store';
import { Top } from './top';
import { Wall } from './wall';
import { known } from './words';

function useNow(): number {
  const [now, setNow] = useState(Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 5000);
    return () => clearInterval(timer);
  }, []);
  return now;
}

function Tabs({ model, one }: { model: Model; one: boolean }) {
  if (model.tabs.length < 2) return null;
  return (
    <nav class="tabs" aria-label={text('tabs')}>
      {model.tabs.map((id) => {
        const conversation = model.mine[id];
        if (!conversation) return null;
        const count = unread(conversation);
        return (
          <button key={id} type="button" aria-current={!model.looking && model.selected === id ? 'true' : undefined} onClick={() => select(id)}>
            <LevelMark level={conversation.card.level} /> {known('who', conversation.card.who)}
            {count > 0 && <span class="count">{text('tabs.unread', { count })}</span>}
          </button>
        );
      })}
      <button type="button" class="small layout" aria-pressed={one} onClick={toggleLayout}>{text('layout.one')}</button>
    </nav>
  );
}

function Middle({ model, desk, wall }: { model: Model; desk: Desk; wall: boolean }) {
  const one = useSettings().layout === 'one';
  return (
    <div class="middle">
      {model.rest ? <RestPanel rest={model.rest} /> : model.after && <AfterPanel after={model.after} />}
      <Tabs model={model} one={one} />
      <div class="chats">
        {model.looking && <Looking conversation={model.looking} />}
        {model.tabs.map((id) => {
          const conversation = model.mine[id];
          const active = !wall && !model.looking && model.selected === id; // what the wall covers is not read
          return conversation && (
            <Chat key={id} conversation={conversation} replies={desk.replies} active={active} hidden={one && !active}
              onFocus={() => get().selected !== id && select(id)} />
          );
        })}
        {!model.looking && model.tabs.length === 0 && !model.rest && <p class="empty">{desk.duty === 'on' ? text('empty.on') : text('empty.off')}</p>}
      </div>
    </div>
  );
}

export function DeskView({ model, desk }: { model: Model; desk: Desk }) {
  const now = useNow();
  const [over, setOver] = useState<'help' | 'archive' | 'settings' | undefined>();
  const [wall, setWall] = useState(false);
  const views = { help: () => setOver('help'), settings: () => setOver('settings') };
  const shut = () => setOver(undefined);
  useEffect(() => watchKeys(() => shortcuts(views)), []);
  const held = useRef(0);
  useEffect(() => {
    if (model.tabs.length > held.current) setWall(false); // a contact became mine: it is what I see
    held.current = model.tabs.length;
  }, [model.tabs.length]);
  const rings = ringing(model);
  const waiting = Object.values(model.cards).filter((card) => card.state === 'waiting').length;
  const danger = rings.some((alarm) => rank(alarm.level) >= 2 || alarm.why === 'overdue');
  const letters = model.tabs.reduce((sum, id) => sum + (model.mine[id] ? unread(model.mine[id]) : 0), 0);
  useEffect(() => badge(waiting, danger, letters ? text('title.unread', { count: letters }) : ''), [waiting, danger, letters, page.lang]);
  useEffect(() => {
    if (rings.length === 0) unnotify();
  }, [rings.length]);
  useEffect(() => setMuted(desk.duty === 'off'), [desk.duty]);
  const shown = model.looking ?? (model.selected ? model.mine[model.selected] : undefined);
  return (
    <div class="desk">
      <Top model={model} desk={desk} now={now} onHelp={views.help} onArchive={() => setOver('archive')} onSettings={views.settings}
        wall={wall} onWall={() => setWall(!wall)} />
      {wall && <Wall model={model} desk={desk} now={now}><Banners model={model} desk={desk} /></Wall>}
      <main hidden={wall}>
        {!wall && <Banners model={model} desk={desk} />}
        <Queue model={model} now={now} />
        <Middle model={model} desk={desk} wall={wall} />
        {shown ? <Details key={shown.card.id} conversation={shown} mine={!model.looking} /> : <Side desk={desk} />}
      </main>
      {over === 'archive' && <Archive desk={desk} onClose={shut} />}
      {over === 'settings' && <Options desk={desk} onClose={shut} />}
      {over === 'help' && <Help shortcuts={shortcuts(views)} onClose={shut} />}
    </div>
  );
}
