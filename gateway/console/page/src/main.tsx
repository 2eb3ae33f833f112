import { render } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { DeskView } from './desk';
import { readPage, text } from './page';
import { watchPresence } from './presence';
import { Invite, SignIn, Unlock } from './signin';
import { hasSession, signOut, useModel, wire } from './store';

function App() {
  const model = useModel();
  const [token, setToken] = useState(location.hash.match(/^#invite=([\w-]+)$/)?.[1]);
  const [, redraw] = useState(0);
  useEffect(() => {
    const listen = () => redraw((count) => count + 1);
    addEventListener('onthaal-language', listen);
    return () => removeEventListener('onthaal-language', listen);
  }, []);
  if (model.signed && model.desk && model.locked) return <Unlock name={model.desk.me.display} onOut={() => void signOut()} />;
  if (model.signed && model.desk) return <DeskView model={model} desk={model.desk} />;
  if (token) return <Invite token={token} onDone={() => setToken(undefined)} />;
  if (hasSession() && !model.ended) return <main class="gate"><p role="status">{text('connecting')}</p></main>;
  return <SignIn ended={model.ended === 'session'} />;
}

readPage();
const root = document.getElementById('app') as HTMLElement;
root.replaceChildren();
render(<App />, root);
watchPresence();
wire.open();
