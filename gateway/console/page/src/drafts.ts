// What is being written and not sent yet, and to whom, by contact: it outlives a change of language, of layout, the
// lock, and the end of the conversation. In memory only.

export interface Draft { say: string; note: string; mode: 'say' | 'note' }

const drafts = new Map<string, Draft>();

export function draftOf(contact: string): Draft {
  return drafts.get(contact) ?? { say: '', note: '', mode: 'say' };
}

export function keepDraft(contact: string, draft: Draft): void {
  if (draft.say || draft.note || draft.mode === 'note') drafts.set(contact, draft); // a note begun stays one
  else drafts.delete(contact);
}

export function writing(contact: string): boolean {
  const { say, note } = draftOf(contact);
  return (say + note).trim() !== '';
}

/** contact missing: all of them, for another person may sit down here. */
export function dropDrafts(contact?: string): void {
  if (contact === undefined) drafts.clear();
  else drafts.delete(contact);
}
