// My keys: found or made after signing in, forgotten at the lock and at signing out.
import { get, wire } from './store';
import * as vault from './vault';
import { Refusal } from './wire';

type Bytes = Uint8Array<ArrayBuffer>;

interface Listed {
  key: number; kind: 'person' | 'coordinators' | 'recovery'; public: string; retired: boolean;
  vault?: string; share?: string; staff?: number; display?: string; role?: string;
}

export interface Person { key: number; staff: number; display: string; role: string; public: Bytes }

/** The passkey I came in with, when it has a PRF: what it locks is my key once more. */
interface Held { passkey: number; credential: Bytes; lock: CryptoKey; vault?: Bytes }

/** Asks whoever sits there for the password or a passkey; rejects when they leave it. */
let prover: (() => Promise<void>) | undefined;
let lock: CryptoKey | undefined;
let held: Held | undefined;
const opened = new Map<number, Bytes>(); // private keys by number
let listed: Listed[] = [];
let shared: { key: number; staff: number }[] = [];

export function remember(stretched: vault.Stretched): void {
  lock = stretched.lock;
}

export function rememberPasskey(passkey: Held): void {
  held = passkey;
}

export function forget(): void {
  lock = held = undefined;
  opened.forEach((bytes) => bytes.fill(0));
  opened.clear();
  listed = [];
}

export function proveBy(ask: (() => Promise<void>) | undefined): void {
  prover = ask;
}

/** What touches the coordinators' key: the server wants to know anew who asks. */
async function surely(t: string, keys: object = {}): Promise<void> {
  for (;;)
    try {
      await wire.request(t, keys);
      return;
    } catch (why) {
      if (!prover || !(why instanceof Refusal) || why.code !== 'prove') throw why;
      await prover();
    }
}

export function isOpen(): boolean {
  return opened.size > 0;
}

async function list(): Promise<void> {
  const ok = await wire.request('keys');
  listed = ok.keys as Listed[];
  shared = (ok.shared ?? []) as { key: number; staff: number }[];
}

const me = () => get().desk?.me;
const own = () => listed.find((one) => one.kind === 'person' && one.staff === me()?.id && !one.retired);
const group = () => listed.find((one) => one.kind === 'coordinators' && !one.retired);

async function enrol(): Promise<void> {
  if (!lock) return;
  const pair = await vault.makePair();
  await wire.request('key', { public: vault.textOf(pair.public), vault: vault.textOf(await vault.lockVault(lock, pair)) });
  await list();
}

async function openOne(one: Listed): Promise<Bytes | undefined> {
  const publicKey = vault.bytesOf(one.public);
  if (held?.vault) {
    try {
      return await vault.openVault(held.lock, held.vault, publicKey, held.credential);
    } catch {
      held.vault = undefined; // of a key that I have no more: the password, and it is locked anew
    }
  }
  return lock && vault.openVault(lock, vault.bytesOf(one.vault ?? ''), publicKey);
}

async function openOwn(): Promise<void> {
  for (const one of listed) {
    const key = one.vault && !opened.has(one.key) && await openOne(one);
    if (key) opened.set(one.key, key);
  }
}

/** From then on this passkey opens my key without the password. false: my key is not open. */
export async function lend(passkey: Held): Promise<boolean> {
  const mine = own();
  const key = mine && opened.get(mine.key);
  if (!key || !mine) return false;
  const pair = { private: key, public: vault.bytesOf(mine.public) };
  passkey.vault = await vault.lockVault(passkey.lock, pair, passkey.credential);
  await wire.request('passkey-vault', { passkey: passkey.passkey, vault: vault.textOf(passkey.vault) });
  return true;
}

async function openGroups(): Promise<void> {
  const mine = own();
  const key = mine && opened.get(mine.key);
  if (!key) return;
  for (const one of listed)
    if (one.share && !opened.has(one.key))
      opened.set(one.key, await vault.openShare(key, vault.bytesOf(one.share), vault.bytesOf(one.public)));
}

/** A new pair for the coordinators, in place of `former` (0: there is none). */
async function makeGroup(former: number): Promise<void> {
  const mine = own();
  if (!mine) return;
  const pair = await vault.makePair();
  const sealed = await vault.sealShare(vault.bytesOf(mine.public), pair);
  await surely('group', { key: former, public: vault.textOf(pair.public), sealed: vault.textOf(sealed) });
  await list();
  await openGroups();
}

/** After each signing in: makes what is missing, opens what is there. */
export async function ready(): Promise<void> {
  const person = me();
  if ((!lock && !held) || !person || !['counsellor', 'coordinator'].includes(person.role)) return;
  await list();
  if (!own()) await enrol();
  await openOwn();
  if (held && !held.vault) await lend(held);
  await openGroups();
  if (person.role === 'coordinator' && !group()) await makeGroup(0);
}

/** With the password, after the page was loaded anew. The server hears that it was given, and counts wrong ones. */
export async function unlock(password: string): Promise<void> {
  const person = me();
  if (!person) return;
  const stretched = await vault.stretch(person.name, password);
  await wire.request('unlock', { password: stretched.proof });
  await unlockWith(stretched);
}

export async function unlockWith(stretched: vault.Stretched): Promise<void> {
  remember(stretched);
  try {
    await ready();
  } catch (why) {
    lock = undefined;
    throw why;
  }
}

/** The server takes the new password and my key, locked with it, at once or not at all. */
export async function changePassword(now: string, next: string): Promise<void> {
  const person = me();
  if (!person) return;
  const former = await vault.stretch(person.name, now);
  const stretched = await vault.stretch(person.name, next);
  await list();
  const mine = own();
  const relocked = mine?.vault ? { key: mine.key, vault: vault.textOf(await relock(mine.vault, vault.bytesOf(mine.public), former, stretched)) } : {};
  await wire.request('password', { password: former.proof, new: stretched.proof, ...relocked });
  remember(stretched);
}

async function relock(locked: string, publicKey: Bytes, former: vault.Stretched, next: vault.Stretched): Promise<Bytes> {
  const key = await vault.openVault(former.lock, vault.bytesOf(locked), publicKey).catch(async () => {
    await wire.request('unlock', { password: former.proof }); // another password: counted, and recorded
    throw new Refusal('stale');
  });
  const again = await vault.lockVault(next.lock, { private: key, public: publicKey });
  const opens = (await vault.openVault(next.lock, again, publicKey)).every((byte, at) => byte === key[at]);
  key.fill(0);
  if (!opens) throw new Refusal('stale');
  return again;
}

export function privateKey(key: number): Bytes | undefined {
  return opened.get(key);
}

export function hasGroup(): boolean {
  const current = group();
  return current !== undefined && opened.has(current.key);
}

export function hasRecovery(): boolean {
  return listed.some((one) => one.kind === 'recovery' && !one.retired);
}

export function ownPublic(): Bytes | undefined {
  const mine = own();
  return mine && vault.bytesOf(mine.public);
}

export function people(): Person[] {
  return listed.filter((one) => one.kind === 'person' && !one.retired).map((one) => ({
    key: one.key, staff: one.staff ?? 0, display: one.display ?? '', role: one.role ?? '', public: vault.bytesOf(one.public),
  }));
}

/** Coordinators who cannot open what is sealed to the coordinators. */
export function without(): Person[] {
  const current = group();
  if (!current || !opened.has(current.key)) return [];
  return people().filter((one) => one.role === 'coordinator' && !shared.some((each) => each.key === current.key && each.staff === one.staff));
}

export async function share(person: Person): Promise<void> {
  const current = group();
  const key = current && opened.get(current.key);
  if (!current || !key) return;
  const sealed = await vault.sealShare(person.public, { private: key, public: vault.bytesOf(current.public) });
  await surely('share', { staff: person.staff, key: current.key, sealed: vault.textOf(sealed) });
  await list();
}

/** Seals these contacts to another key as well. Gives how many that were. */
export async function reseal(contacts: string[], key: number, publicKey: Bytes, onEach: (done: number) => void): Promise<number> {
  let done = 0;
  for (const contact of contacts) {
    const { seals } = (await wire.request('seals', { contact })) as unknown as { seals: Seal[] };
    const contactKey = await openSeals(contact, seals);
    const sealed = await vault.sealContact(publicKey, contact, contactKey);
    contactKey.fill(0);
    await wire.request('reseal', { contact, key, sealed: vault.textOf(sealed) });
    onEach(++done);
  }
  return done;
}

/** Somebody who had the coordinators' key left: a new one, for all who stay, on everything. */
export async function rotate(contacts: string[], onEach: (done: number) => void): Promise<void> {
  await makeGroup(group()?.key ?? 0);
  for (const person of without()) await share(person);
  const current = group();
  if (!current) return;
  await reseal(contacts, current.key, vault.bytesOf(current.public), onEach);
  await surely('rotated');
}

export interface Seal { key: number; sealed: string }

export async function openSeals(contact: string, seals: Seal[]): Promise<Bytes> {
  for (const seal of seals) {
    const key = privateKey(seal.key);
    if (key) return vault.openContact(key, contact, vault.bytesOf(seal.sealed));
  }
  throw new Error('no key');
}
