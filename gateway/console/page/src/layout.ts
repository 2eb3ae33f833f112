// Conversations side by side, or one that fills the middle.
import { useEffect, useState } from 'preact/hooks';

const KEY = 'onthaal.layout';
const CHANGED = 'onthaal-layout';

export function useOne(): boolean {
  const [one, setOne] = useState(sessionStorage.getItem(KEY) === 'one');
  useEffect(() => {
    const listen = () => setOne(sessionStorage.getItem(KEY) === 'one');
    addEventListener(CHANGED, listen);
    return () => removeEventListener(CHANGED, listen);
  }, []);
  return one;
}

export function toggleLayout(): void {
  sessionStorage.setItem(KEY, sessionStorage.getItem(KEY) === 'one' ? 'side' : 'one');
  dispatchEvent(new Event(CHANGED));
}
