// Closed conversations are sealed. What opens them is made here and never leaves this page unprotected:
// my key pair, whose private half the server keeps locked by my password, and the coordinators' pair,
// whose private half it keeps sealed to each coordinator. PROTOCOL.md describes all of it.
import { Aes256Gcm, CipherSuite, HkdfSha256 } from '@hpke/core';
import { DhkemX25519HkdfSha256 } from '@hpke/dhkem-x25519';
import { xchacha20poly1305 } from '@noble/ciphers/chacha.js';

export const ROUNDS = 600_000; // of PBKDF2-HMAC-SHA-512

const suite = new CipherSuite({ kem: new DhkemX25519HkdfSha256(), kdf: new HkdfSha256(), aead: new Aes256Gcm() });
const encoder = new TextEncoder();

type Bytes = Uint8Array<ArrayBuffer>;

export function bytesOf(text: string): Bytes {
  const binary = atob(text.replace(/-/g, '+').replace(/_/g, '/'));
  return Uint8Array.from(binary, (c) => c.charCodeAt(0));
}

export function textOf(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes)).replace(/\+/g, '-').replace(/\//g, '_').replace(/=/g, '');
}

function join(...parts: Uint8Array[]): Bytes {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** Both halves come of one long stretching; the server sees the first alone. */
export interface Stretched {
  proof: string; // sent in the password's place
  lock: CryptoKey; // locks my private key
}

export async function stretch(name: string, password: string): Promise<Stretched> {
  const asName = name.trim().replace(/[A-Z]/g, (c) => c.toLowerCase());
  const salt = await crypto.subtle.digest('SHA-256', encoder.encode(`onthaal.sign-in.1\n${asName}`));
  const material = await crypto.subtle.importKey('raw', encoder.encode(password.normalize('NFKC')), 'PBKDF2', false, ['deriveBits']);
  const bits = new Uint8Array(await crypto.subtle.deriveBits({ name: 'PBKDF2', hash: 'SHA-512', salt, iterations: ROUNDS }, material, 512));
  const lock = await crypto.subtle.importKey('raw', bits.slice(32), 'AES-GCM', false, ['encrypt', 'decrypt']);
  const proof = textOf(bits.slice(0, 32));
  bits.fill(0);
  return { proof, lock };
}

export interface Pair { private: Bytes; public: Bytes }

export async function makePair(): Promise<Pair> {
  const pair = await suite.kem.generateKeyPair();
  return {
    private: new Uint8Array(await suite.kem.serializePrivateKey(pair.privateKey)),
    public: new Uint8Array(await suite.kem.serializePublicKey(pair.publicKey)),
  };
}

/** 12 bytes of nonce, AES-256-GCM of the private key, bound to the public one (and to the passkey). */
export async function lockVault(lock: CryptoKey, pair: Pair, passkey?: Bytes): Promise<Bytes> {
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const locked = await crypto.subtle.encrypt({ name: 'AES-GCM', iv, additionalData: placeOf(pair.public, passkey) }, lock, pair.private);
  return join(iv, new Uint8Array(locked));
}

function placeOf(publicKey: Bytes, passkey?: Bytes): Bytes {
  return passkey ? join(encoder.encode('onthaal.vault.passkey.1'), publicKey, passkey) : join(encoder.encode('onthaal.vault.1'), publicKey);
}

/** What a passkey's PRF is asked for: the same at each sign-in, so that one touch is enough. */
export const PRF_INPUT = encoder.encode('onthaal.vault.prf.1');

/** The lock that a passkey gives: HKDF-SHA-256 of its PRF's answer, which is wiped. */
export async function lockOf(secret: Bytes): Promise<CryptoKey> {
  const material = await crypto.subtle.importKey('raw', secret, 'HKDF', false, ['deriveKey']);
  secret.fill(0);
  return crypto.subtle.deriveKey({ name: 'HKDF', hash: 'SHA-256', salt: new Uint8Array(0), info: encoder.encode('onthaal.vault.passkey.1') },
    material, { name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt']);
}

/** Rejects when the password, or the passkey, was another. */
export async function openVault(lock: CryptoKey, vault: Uint8Array, publicKey: Bytes, passkey?: Bytes): Promise<Bytes> {
  const additionalData = placeOf(publicKey, passkey);
  return new Uint8Array(await crypto.subtle.decrypt({ name: 'AES-GCM', iv: vault.slice(0, 12), additionalData }, lock, vault.slice(12)));
}

async function seal(publicKey: Bytes, info: string, plain: Uint8Array, aad: Uint8Array): Promise<Bytes> {
  const recipientPublicKey = await suite.kem.deserializePublicKey(publicKey);
  const { enc, ct } = await suite.seal({ recipientPublicKey, info: encoder.encode(info) }, plain as Bytes, aad as Bytes);
  return join(new Uint8Array(enc), new Uint8Array(ct));
}

async function open(privateKey: Bytes, info: string, sealed: Bytes, aad: Uint8Array): Promise<Bytes> {
  const recipientKey = await suite.kem.deserializePrivateKey(privateKey);
  const plain = await suite.open({ recipientKey, enc: sealed.slice(0, 32), info: encoder.encode(info) }, sealed.slice(32), aad as Bytes);
  return new Uint8Array(plain);
}

/** The coordinators' private key for a coordinator, bound to its public half. */
export function sealShare(to: Bytes, group: Pair): Promise<Bytes> {
  return seal(to, 'onthaal.share.1', group.private, group.public);
}

export function openShare(mine: Bytes, sealed: Bytes, groupPublic: Bytes): Promise<Bytes> {
  return open(mine, 'onthaal.share.1', sealed, groupPublic);
}

function contactBytes(contact: string): Bytes {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(`0x${contact}`), true);
  return bytes;
}

export function sealContact(to: Bytes, contact: string, key: Bytes): Promise<Bytes> {
  return seal(to, 'onthaal.seal.1', key, contactBytes(contact));
}

export function openContact(privateKey: Bytes, contact: string, sealed: Bytes): Promise<Bytes> {
  return open(privateKey, 'onthaal.seal.1', sealed, contactBytes(contact));
}

/** One sealed text of a contact: store/seal.h. */
export function openBytes(key: Bytes, contact: string, seq: number, kind: number, sealed: Bytes): Bytes {
  const place = new Uint8Array(20);
  const view = new DataView(place.buffer);
  view.setBigUint64(0, BigInt(`0x${contact}`), true);
  view.setUint32(8, seq, true);
  view.setUint32(12, kind, true);
  view.setUint32(16, 1, true);
  return new Uint8Array(xchacha20poly1305(key, sealed.slice(0, 24), place).decrypt(sealed.slice(24)));
}

export function openText(key: Bytes, contact: string, seq: number, kind: number, sealed: Bytes): string {
  return new TextDecoder().decode(openBytes(key, contact, seq, kind, sealed));
}

/** Short enough to read to one another: the same on both screens, or it is another key. */
export async function fingerprint(publicKey: Bytes): Promise<string> {
  const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', publicKey));
  return [...hash.slice(0, 10)].map((byte) => byte.toString(16).padStart(2, '0')).join('').replace(/(.{4})(?=.)/g, '$1 ');
}
