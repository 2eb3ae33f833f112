// Canned replies of one's own: found by `/` before the centre's.
import { useState } from 'preact/hooks';
import { page, text } from './page';
import { saveSettings } from './prefs';
import type { Reply } from './protocol';
import { KEY_MAX, REPLIES_MAX, REPLY_MAX, tooLarge, type Settings } from './settings';
import type { Refusal } from './wire';

export function OwnReplies({ settings }: { settings: Settings }) {
  const empty = { key: '', language: page.lang, text: '' };
  const [draft, setDraft] = useState<Reply>(empty);
  const [outcome, setOutcome] = useState('');
  const store = (replies: Reply[], words: string) => {
    if (tooLarge({ ...settings, replies })) {
      setOutcome(text('reply.large'));
      return;
    }
    saveSettings({ replies }).then(() => setOutcome(words), (why: Refusal) => setOutcome(text(`problem.${why.code}`)));
    setDraft(empty);
  };
  const full = settings.replies.length >= REPLIES_MAX;
  return (
    <section class="part own" aria-label={text('reply.own')}>
      <h3>{text('reply.own')}</h3>
      <p class="hint">{text('reply.why')}</p>
      <ul class="own-replies">
        {settings.replies.map((reply, at) => (
          <li key={`${reply.key}-${reply.language}`}>
            <strong>/{reply.key}</strong> <span class="hint">{reply.language.toUpperCase()}</span>
            <span class="actions">
              <button type="button" class="small" onClick={() => setDraft(reply)} aria-label={text('reply.change.one', { key: reply.key })}>{text('reply.change')}</button>
              <button type="button" class="small" aria-label={text('reply.remove.one', { key: reply.key })}
                onClick={() => store(settings.replies.filter((_, i) => i !== at), text('reply.removed', { key: reply.key }))}>{text('reply.remove')}</button>
            </span>
            <p dir="auto">{reply.text}</p>
          </li>
        ))}
      </ul>
      <form class="lines" onSubmit={(event) => {
        event.preventDefault();
        const reply = { ...draft, key: draft.key.trim().replace(/^\//, ''), text: draft.text.trim() };
        if (!reply.key || !reply.text) return;
        const others = settings.replies.filter((one) => one.key !== reply.key || one.language !== reply.language);
        if (others.length >= REPLIES_MAX) setOutcome(text('reply.full', { count: REPLIES_MAX }));
        else store([...others, reply].sort((a, b) => a.key.localeCompare(b.key)), text('settings.saved'));
      }}>
        <div class="side">
          <label class="choice">{text('reply.key')}
            <input value={draft.key} required maxLength={KEY_MAX} pattern={'/?[^\\s\\/]+'} title={text('reply.key.form')} autocomplete="off" onInput={(event) => setDraft({ ...draft, key: event.currentTarget.value })} /></label>
          <label class="choice">{text('language')}
            <select value={draft.language} onChange={(event) => setDraft({ ...draft, language: event.currentTarget.value })}>
              {page.languages.map(({ code, name }) => <option key={code} value={code} lang={code}>{name}</option>)}
            </select></label>
        </div>
        <label class="choice">{text('reply.text')}
          <textarea rows={3} required maxLength={REPLY_MAX} dir="auto" value={draft.text} onInput={(event) => setDraft({ ...draft, text: event.currentTarget.value })} /></label>
        <p class="actions"><button type="submit" class="small primary" disabled={full && !settings.replies.some((one) => one.key === draft.key)}>{text('reply.keep')}</button>
          <span role="status">{outcome || (full ? text('reply.full', { count: REPLIES_MAX }) : '')}</span></p>
      </form>
    </section>
  );
}
