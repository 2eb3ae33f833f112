// A spoken message: fetched when somebody wants to hear it, kept in this page alone.
import { useEffect, useRef, useState } from 'preact/hooks';
import { text } from './page';
import type { Event } from './protocol';
import { wire } from './store';
import { bytesOf } from './vault';

type Bytes = Uint8Array<ArrayBuffer>;

/** The pieces of the message whose last one this is; undefined when one of them is missing. */
export function whole(events: Event[], last: Event): Event[] | undefined {
  const count = last.pieces ?? 0;
  const pieces = events.filter((event) => event.kind === 'recording' && event.seq <= last.seq).slice(-count);
  return count > 0 && pieces.length === count && pieces.every((event, i) => event.piece === i + 1 && event.pieces === count) ? pieces : undefined;
}

const minutes = (seconds: number) => `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;

/** Who has heard the message, the first of them; undefined: nobody. */
export const heardBy = (events: Event[]): string | undefined => events.find((event) => event.kind === 'call' && event.stage === 'heard')?.by;

/** What is lost by closing the contact now: a message that is still on its way, or one nobody has heard. */
export function atStake(events: Event[]): 'unfetched' | 'unheard' | undefined {
  const stages = events.filter((event) => event.kind === 'call').map((event) => event.stage);
  if (!stages.includes('message') || ['message-left', 'message-lost', 'heard'].some((stage) => stages.includes(stage))) return undefined;
  return events.some((event) => event.kind === 'recording' && event.piece === event.pieces && whole(events, event)) ? 'unheard' : 'unfetched';
}

const END = 0.5; // seconds: that near to its end it was heard

export function Player({ seconds, load, onHeard }: { seconds: number; load: () => Promise<Bytes[]>; onHeard?: () => void }) {
  const [url, setUrl] = useState('');
  const [state, setState] = useState<'' | 'busy' | 'failed'>('');
  const told = useRef(false);
  useEffect(() => () => {
    if (url) URL.revokeObjectURL(url);
  }, [url]);
  if (url) {
    return (
      <audio controls autoplay src={url} aria-label={text('recording', { length: minutes(seconds) })}
        onTimeUpdate={({ currentTarget: { currentTime, duration } }) => {
          if (!told.current && currentTime >= duration - END) {
            told.current = true;
            onHeard?.();
          }
        }} />
    );
  }
  return (
    <>
      <button type="button" class="small" disabled={state === 'busy'} onClick={() => {
        setState('busy');
        load().then((parts) => setUrl(URL.createObjectURL(new Blob(parts, { type: 'audio/wav' }))), () => setState('failed'));
      }}>{text('recording.play', { length: minutes(seconds) })}</button>
      <span role="status">{state === 'busy' ? text('recording.loading') : state === 'failed' ? text('recording.failed') : ''}</span>
    </>
  );
}

export async function listen(contact: string, pieces: Event[]): Promise<Bytes[]> {
  const parts: Bytes[] = [];
  for (const { seq } of pieces) {
    const ok = await wire.request('listen', { contact, seq });
    parts.push(bytesOf(ok.bytes as string));
  }
  return parts;
}
