// The browser's half of passkeys: made, and used; what its PRF gives locks my private key a second time.
import { rememberPasskey } from './keyring';
import { wire } from './store';
import { PRF_INPUT, bytesOf, lockOf, textOf } from './vault';
import { Refusal, type Ok } from './wire';

const TIMEOUT = 300_000; // as the server's challenge
const ALGORITHMS = [-7, -8, -257]; // ES256, EdDSA, RS256

export interface Passkey { passkey: number; label: string; credential: string; created: number; used: number; vault: boolean }

/** 'yes', or why not: 'browser' (it knows none), 'name' (this address is not the one they belong to). */
export function offered(rp: string | undefined): 'yes' | 'browser' | 'name' {
  if (!rp || location.hostname !== rp) return 'name';
  return isSecureContext && typeof PublicKeyCredential === 'function' ? 'yes' : 'browser';
}

/** Where they would work, when this page was opened by an address in digits. */
export function elsewhere(rp: string | undefined): string | undefined {
  return rp ? `${location.protocol}//${rp}${rp === 'localhost' && location.port ? `:${location.port}` : ''}/console/` : undefined;
}

/** The person said no, or let it pass; or this device has one already. */
function why(error: unknown): Refusal {
  if (error instanceof Refusal) return error.code === 'wrong' ? new Refusal('passkey-wrong') : error;
  return new Refusal(error instanceof DOMException && error.name === 'InvalidStateError' ? 'passkey-known' : 'passkey-none');
}

async function ask(options: PublicKeyCredentialRequestOptions): Promise<PublicKeyCredential> {
  const found = await navigator.credentials.get({
    publicKey: { ...options, timeout: TIMEOUT, userVerification: 'required', extensions: { prf: { eval: { first: PRF_INPUT } } } },
  });
  if (!(found instanceof PublicKeyCredential)) throw new Refusal('passkey-none');
  return found;
}

async function lockFrom(credential: PublicKeyCredential): Promise<CryptoKey | undefined> {
  const first = credential.getClientExtensionResults().prf?.results?.first;
  if (!first) return undefined;
  return lockOf(first instanceof ArrayBuffer ? new Uint8Array(first) : new Uint8Array(first.buffer as ArrayBuffer, first.byteOffset, first.byteLength));
}

const text = (bytes: ArrayBuffer) => textOf(new Uint8Array(bytes));

/** t: 'passkey-in' or 'passkey-unlock'. */
export async function use(t: string): Promise<Ok> {
  try {
    const { challenge, rp } = await wire.request('passkey');
    const credential = await ask({ challenge: bytesOf(String(challenge)), rpId: String(rp) });
    const response = credential.response as AuthenticatorAssertionResponse;
    const lock = await lockFrom(credential);
    const ok = await wire.request(t, {
      credential: text(credential.rawId), client: text(response.clientDataJSON), data: text(response.authenticatorData),
      signature: text(response.signature), ...(response.userHandle && { user: text(response.userHandle) }),
    });
    if (lock) rememberPasskey({ lock, credential: new Uint8Array(credential.rawId), passkey: Number(ok.passkey), vault: ok.vault ? bytesOf(String(ok.vault)) : undefined });
    return ok;
  } catch (error) {
    throw why(error);
  }
}

export async function list(): Promise<Passkey[]> {
  return ((await wire.request('passkeys')).passkeys ?? []) as Passkey[];
}

export function remove(passkey: number): Promise<Ok> {
  return wire.request('passkey-remove', { passkey });
}

/** proof: of the password. Gives the lock, where the authenticator has a PRF. */
export async function add(label: string, name: string, proof: string): Promise<{ passkey: number; credential: Uint8Array<ArrayBuffer>; lock?: CryptoKey }> {
  const { challenge, rp, user } = await wire.request('passkey-new', { password: proof });
  const known = await list();
  try {
    const made = await navigator.credentials.create({
      publicKey: {
        challenge: bytesOf(String(challenge)), rp: { id: String(rp), name: document.title || String(rp) },
        user: { id: bytesOf(String(user)), name, displayName: name },
        pubKeyCredParams: ALGORITHMS.map((alg) => ({ type: 'public-key', alg })), timeout: TIMEOUT, attestation: 'none',
        authenticatorSelection: { residentKey: 'required', requireResidentKey: true, userVerification: 'required' },
        excludeCredentials: known.map((one) => ({ type: 'public-key', id: bytesOf(one.credential) })),
        extensions: { prf: { eval: { first: PRF_INPUT } } },
      },
    });
    if (!(made instanceof PublicKeyCredential)) throw new Refusal('passkey-none');
    const response = made.response as AuthenticatorAttestationResponse;
    const ok = await wire.request('passkey-add', { label, client: text(response.clientDataJSON), data: text(response.getAuthenticatorData()) });
    return { passkey: Number(ok.passkey), credential: new Uint8Array(made.rawId), lock: await lockAfter(made, String(rp)) };
  } catch (error) {
    throw why(error);
  }
}

/** Not every browser asks the PRF while it makes one: then once more. Without, it still signs in. */
async function lockAfter(made: PublicKeyCredential, rpId: string): Promise<CryptoKey | undefined> {
  const lock = await lockFrom(made);
  if (lock || !made.getClientExtensionResults().prf?.enabled) return lock;
  try {
    const challenge = crypto.getRandomValues(new Uint8Array(32)); // nobody reads what is signed here
    return await lockFrom(await ask({ challenge, rpId, allowCredentials: [{ type: 'public-key', id: made.rawId }] }));
  } catch {
    return undefined;
  }
}
