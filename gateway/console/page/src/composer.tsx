import { useEffect, useRef, useState } from 'preact/hooks';
import { draftOf, keepDraft, type Draft } from './drafts';
import { text, UNSENT } from './page';
import { useSettings } from './prefs';
import type { Reply } from './protocol';
import { typing, write } from './store';

const LONGEST = 4000;
const TYPING_EVERY = 3000;

/** "/vei" finds the canned replies whose key or text holds it: the contact's language first, and of those one's own. */
export function findReplies(replies: Reply[], draft: string, language: string): Reply[] {
  if (!draft.startsWith('/') || draft.includes('\n')) return [];
  const wish = draft.slice(1).toLowerCase();
  return replies
    .filter((reply) => reply.key.toLowerCase().includes(wish) || reply.text.toLowerCase().includes(wish))
    .sort((a, b) => Number(b.language === language) - Number(a.language === language))
    .slice(0, 8);
}

export function Composer({ contact, language, replies, active, notesOnly = false }: {
  contact: string; language: string; replies: Reply[]; active: boolean; notesOnly?: boolean;
}) {
  const [{ say: draft, note, mode }, setDraft] = useState<Draft>(notesOnly ? { ...draftOf(contact), mode: 'note' } : draftOf(contact));
  const keep = (more: Partial<Draft>) => setDraft((old) => {
    const next = { ...old, ...more };
    keepDraft(contact, next); // also whether it is a note: it must not come back as words for the visitor
    return next;
  });
  const setMode = (to: Draft['mode']) => keep({ mode: to });
  const [chosen, setChosen] = useState(0);
  const field = useRef<HTMLTextAreaElement>(null);
  const told = useRef(0);
  const value = mode === 'say' ? draft : note;
  const { replies: own } = useSettings();
  const found = mode === 'say' ? findReplies([...own, ...replies], draft, language) : [];
  const over = [...value].length - LONGEST;

  useEffect(() => {
    const listen = (event: CustomEvent<'say' | 'note'>) => {
      if (!active) return;
      if (!notesOnly) setMode(event.detail);
      field.current?.focus();
    };
    addEventListener('onthaal-write', listen as EventListener);
    return () => removeEventListener('onthaal-write', listen as EventListener);
  }, [active]);
  useEffect(() => {
    if (active) field.current?.focus({ preventScroll: true });
  }, [active]);

  const put = (kind: 'say' | 'note', words: string) => keep({ [kind]: words });
  const change = (words: string) => {
    put(mode, words);
    setChosen(0);
    if (mode === 'say' && words && Date.now() - told.current > TYPING_EVERY) {
      told.current = Date.now();
      typing(contact, true);
    }
    if (mode === 'say' && !words && told.current) {
      told.current = 0;
      typing(contact, false);
    }
  };
  const send = () => {
    const words = value.trim();
    if (!words || over > 0) return;
    write(contact, mode, words);
    change('');
  };
  const insert = (reply: Reply) => {
    put('say', reply.text);
    field.current?.focus();
  };
  const onKey = (event: KeyboardEvent) => {
    if (event.isComposing) return;
    if (found.length && (event.key === 'ArrowDown' || event.key === 'ArrowUp')) {
      event.preventDefault();
      setChosen((chosen + (event.key === 'ArrowDown' ? 1 : found.length - 1)) % found.length);
    } else if (event.key === 'Enter' && !event.shiftKey) {
      event.preventDefault();
      const reply = found[chosen];
      if (reply) insert(reply);
      else send();
    }
  };
  return (
    <form class={`composer ${mode}`} onSubmit={(event) => {
      event.preventDefault();
      send();
    }}>
      <div class="modes" role="group" aria-label={text('write.mode')}>
        {!notesOnly && <button type="button" class="small" aria-pressed={mode === 'say'} onClick={() => setMode('say')}>{text('write.reply')}</button>}
        <button type="button" class="small" aria-pressed={mode === 'note'} onClick={() => setMode('note')}>{text('write.note')}</button>
      </div>
      {found.length > 0 && (
        <ul class="replies" role="listbox" id={`replies-${contact}`} aria-label={text('write.canned')}>
          {found.map((reply, i) => (
            <li key={i} role="option" aria-selected={i === chosen} id={`reply-${contact}-${i}`}
              onPointerDown={(event) => {
                event.preventDefault();
                insert(reply);
              }}><strong>/{reply.key}</strong> <span>{reply.text}</span></li>
          ))}
        </ul>
      )}
      <textarea ref={field} rows={3} dir="auto" {...UNSENT} value={value} aria-label={mode === 'say' ? text('write.reply.label') : text('write.note.label')}
        aria-controls={found.length ? `replies-${contact}` : undefined}
        aria-activedescendant={found.length ? `reply-${contact}-${chosen}` : undefined}
        placeholder={mode === 'say' ? text('write.reply.hint') : text('write.note.hint')}
        onInput={(event) => change(event.currentTarget.value)} onKeyDown={onKey} />
      <button type="submit" class="primary">{mode === 'say' ? text('write.send') : text('write.keep')}</button>
      {over > -300 && <p class={`counter${over > 0 ? ' over' : ''}`} role="status">{over > 0 ? text('write.over', { over }) : text('write.left', { left: -over })}</p>}
    </form>
  );
}
