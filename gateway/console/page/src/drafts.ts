// What is being written and not sent yet, by contact: it outlives a change of language, of layout, the
// lock, and the end of the conversation. In memory only.

export interface Draft { say: string; note: string }

const drafts = new Map<string, Draft>();

export function draftOf(contact: string): Draft {
  return drafts.get(contact) ?? { say: '', note: '' };
}

export function keepDraft(contact: string, draft: Draft): void {
  if (draft.say || draft.note) drafts.set(contact, draft);
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
