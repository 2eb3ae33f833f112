// The one model of the page, its line, and what a person can do.
import { useEffect, useState } from 'preact/hooks';
import { notify, ring, soundOf } from './alarm';
import { dropDrafts } from './drafts';
import { forget, ready } from './keyring';
import * as model from './model';
import { text } from './page';
import { forgetSettings, getSettings, loadSettings } from './prefs';
import type { Duty, Flag, Frame, Level } from './protocol';
import { Refusal, Wire, randomId, type Ok } from './wire';

const SESSION = 'onthaal.session';

let current = model.begin();
let problem = '';
let problemTimer: ReturnType<typeof setTimeout> | undefined;
const listeners = new Set<() => void>();

export function set(next: model.Model): void {
  if (next === current) return;
  current = next;
  listeners.forEach((listener) => listener());
}

export function get(): model.Model {
  return current;
}

export function useModel(): model.Model {
  const [, redraw] = useState(0);
  useEffect(() => {
    const listener = () => redraw((count) => count + 1);
    listeners.add(listener);
    listener(); // an effect runs after the paint: what came in between was not heard
    return () => {
      listeners.delete(listener);
    };
  }, []);
  return current;
}

export function useProblem(): string {
  useModel();
  return problem;
}

/** A key of `problem.`, shown for a while; lasting: until it was seen. */
export function tell(code: string, lasting = false): void {
  problem = code;
  clearTimeout(problemTimer);
  if (code && !lasting) problemTimer = setTimeout(() => tell(''), 8000);
  listeners.forEach((listener) => listener());
}

export const wire = new Wire(`${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/console/socket`, onFrame, () => {
  set(model.down(current));
});

function onFrame(frame: Frame): void {
  const held = frame.t === 'forgotten' && model.holds(current, frame.contact);
  set(model.reduce(current, frame));
  switch (frame.t) {
    case 'hello': {
      const session = sessionStorage.getItem(SESSION);
      if (session)
        wire.request('resume', { session }).catch((why: Refusal) => {
          if (why.code === 'line') return;
          sessionStorage.removeItem(SESSION);
          forget();
          set({ ...model.begin(), line: 'up', greeted: true, passkeys: current.passkeys, oidc: current.oidc });
        });
      break;
    }
    case 'ok': // signing in, or the lock: another token from now on
      if (typeof frame.session === 'string') sessionStorage.setItem(SESSION, frame.session);
      break;
    case 'desk':
      if (person !== undefined && person !== frame.me.id) { // another one sits here now
        wanted = undefined;
        dropDrafts();
        forgetSettings();
      }
      person = frame.me.id;
      if (current.desk && wanted && wanted !== current.desk.duty) setDuty(wanted);
      wire.resend();
      ready().catch(() => undefined); // the archive asks for the password
      void loadSettings((t, keys) => wire.request(t, keys));
      break;
    case 'forgotten':
      dropDrafts(frame.contact);
      if (held) tell('forgotten');
      break;
    case 'locked':
      forget();
      break;
    case 'alarm':
      ring(soundOf(frame.level));
      if (getSettings().notify) notify(text('notify.body'));
      break;
    case 'bye':
      if (frame.why === 'session') {
        sessionStorage.removeItem(SESSION);
        forget();
        dropDrafts();
        forgetSettings();
      }
      break;
  }
}

/** The presence I chose: a new socket, or a restarted server, is told it again. */
let wanted: Duty | undefined;
let person: number | undefined; // who was here last

export function signedIn(ok: Ok): void {
  if (ok.guessed) tell('guessed', true);
}

/** Somebody signs in anew in this tab. */
export function dropSession(): void {
  sessionStorage.removeItem(SESSION);
}

export function hasSession(): boolean {
  return sessionStorage.getItem(SESSION) !== null;
}

async function attempt(t: string, keys: object, id?: string): Promise<Ok | undefined> {
  try {
    return await wire.request(t, keys, id);
  } catch (why) {
    const refusal = why as Refusal;
    tell(refusal.code === 'taken' ? `taken:${refusal.by ?? ''}` : refusal.code);
    return undefined;
  }
}

export function setDuty(duty: Duty): void {
  wanted = duty;
  set(model.setDuty(current, duty));
  void attempt('duty', { duty });
}

/** A pause for these minutes; nothing happens by itself when they are over. */
export function takeRest(minutes: number): void {
  const already = current.desk?.duty === 'pause';
  set(model.rest(current, minutes, Date.now()));
  if (already) return;
  wanted = 'pause';
  void attempt('duty', { duty: 'pause' });
}

export function goOn(): void {
  set({ ...current, after: undefined });
}

export async function take(contact?: string): Promise<void> {
  const ok = await attempt('take', contact ? { contact } : {});
  if (ok?.contact) set({ ...current, selected: String(ok.contact), looking: undefined });
}

export function look(contact: string): void {
  const card = current.cards[contact];
  if (card?.state === 'waiting') void attempt('open', { contact });
}

export function select(contact: string): void {
  set(model.seen({ ...current, selected: contact, looking: undefined }, contact));
}

export function write(contact: string, kind: 'say' | 'note', text: string): void {
  const id = randomId();
  const words = text.replace(/\0/g, ''); // pasted by who knows what; the server takes none
  set(model.write(current, contact, { id, kind, text: words, time: Date.now() }));
  void deliver(contact, kind, words, id);
}

async function deliver(contact: string, kind: 'say' | 'note', text: string, id: string): Promise<void> {
  try {
    await wire.request(kind, { contact, text }, id);
    set(model.settle(current, contact, id));
  } catch (why) {
    const { code } = why as Refusal;
    set(model.settle(current, contact, id, code));
    if (code === 'full') setTimeout(() => retry(contact, id), 5000);
  }
}

export function retry(contact: string, id: string): void {
  const unsent = current.mine[contact]?.unsent.find((one) => one.id === id);
  if (!unsent) return;
  const rest = current.mine[contact]?.unsent.map((one) => (one.id === id ? { ...one, failed: undefined } : one)) ?? [];
  const own = current.mine[contact];
  if (own) set({ ...current, mine: { ...current.mine, [contact]: { ...own, unsent: rest } } });
  void deliver(contact, unsent.kind, unsent.text, id);
}

export async function giveBack(contact: string): Promise<void> {
  if (await attempt('return', { contact })) dropDrafts(contact);
}

/** block: its visitor begins no other for a while. */
export async function close(contact: string, block = false): Promise<void> {
  if (await attempt('close', { contact, ...(block && { block }) })) dropDrafts(contact);
}

/** Its window goes, with what was being written there. */
export function leave(contact: string): void {
  dropDrafts(contact);
  set(model.dismiss(current, contact));
}

export function refreshQueue(): void {
  set(model.refresh(current));
}

/** Its spoken message was played to the end; if that cannot be noted now, it is by the next who hears it. */
export function heard(contact: string): void {
  wire.request('heard', { contact }).catch(() => undefined);
}

export function order(contact: string, what: 'ring' | 'hold' | 'hangup'): void {
  void attempt('call', { contact, order: what });
}

export async function setLevel(contact: string, level: Level, reason: string): Promise<boolean> {
  return (await attempt('level', { contact, level, reason })) !== undefined;
}

/** This flag should not have been. */
export async function wrongFlag(contact: string, flag: Flag): Promise<boolean> {
  return (await attempt('wrong-flag', { contact, seq: flag.seq, rule: flag.rule })) !== undefined;
}

/** There should have been one of this level. */
export async function missedFlag(contact: string, level: Level): Promise<boolean> {
  return (await attempt('missed-flag', { contact, level })) !== undefined;
}

/** What came of it, in words. */
export async function reloadRules(): Promise<string> {
  try {
    const ok = await wire.request('reload-rules');
    return text('rules.reloaded', { count: Number(ok.rules), set: String(ok.set).slice(0, 12) });
  } catch (why) {
    const { code, text: words } = why as Refusal;
    return words ? `${text('rules.refused')}\n${words}` : text(`problem.${code}`);
  }
}

export function hush(contact: string): void {
  void attempt('hush', { contact });
}

export function hushAll(): void {
  model.ringing(current).forEach((alarm) => hush(alarm.contact));
}

export function typing(contact: string, on: boolean): void {
  wire.send({ t: 'typing', contact, on });
}

export function markRead(contact: string): void {
  const own = current.mine[contact];
  const last = own?.events[own.events.length - 1]?.seq;
  if (!own || !last || document.visibilityState !== 'visible') return;
  if (own.seen < last) set(model.seen(current, contact));
  wire.send({ t: 'read', contact, seq: last });
}

export async function signOut(): Promise<void> {
  await wire.request('sign-out').catch(() => undefined);
  sessionStorage.removeItem(SESSION);
  forget();
  wanted = undefined;
  location.replace('/console/signed-out');
}
