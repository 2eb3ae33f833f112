import { render } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { DeskView } from './desk';
import { readPage, text } from './page';
import { watchPresence } from './presence';
import { Connect, Return } from './provider';
import { Invite, SignIn, Unlock } from './signin';
import { readReturn } from './signon';
import { dropSession, hasSession, signOut, useModel, wire } from './store';

const returned = readReturn(); // before anything else, so that it leaves the address bar
const link = location.hash.match(/^#oidc=([\w-]+)$/)?.[1];
if (link) history.replaceState(null, '', location.pathname);
if (link || (returned && returned !== 'stray')) dropSession();

function App() {
  const model = useModel();
  const [back, setBack] = useState(returned === 'stray' && hasSession() ? undefined : returned);
  const [connecting, setConnecting] = useState(link);
  const [token, setToken] = useState(location.hash.match(/^#invite=([\w-]+)$/)?.[1]);
  const [, redraw] = useState(0);
  useEffect(() => {
    const listen = () => redraw((count) => count + 1);
    addEventListener('onthaal-language', listen);
    return () => removeEventListener('onthaal-language', listen);
  }, []);
  useEffect(() => {
    if (!model.signed) return;
    setBack(undefined);
    setConnecting(undefined);
  }, [model.signed]);
  if (model.signed && model.desk && model.locked) return <Unlock name={model.desk.me.display} onOut={() => void signOut()} />;
  if (model.signed && model.desk) return <DeskView model={model} desk={model.desk} />;
  if (token) return <Invite token={token} onDone={() => setToken(undefined)} />;
  if (back) return <Return answer={back} onDone={() => setBack(undefined)} />;
  if (connecting) return <Connect token={connecting} />;
  if (hasSession() && !model.ended) return <main class="gate"><p role="status">{text('connecting')}</p></main>;
  return <SignIn ended={model.ended === 'session'} />;
}

readPage();
const root = document.getElementById('app') as HTMLElement;
root.replaceChildren();
render(<App />, root);
watchPresence();
wire.open();
