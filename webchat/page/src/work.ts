// Work that the server asks for when too many begin at once, done in small pieces so that the page
// stays alive. And the padding of what is sent: the line shows a class of sizes, not a length.
import { sha256 } from './sha256';

const PIECE_MS = 15;
const LEAST = 256;
const STEP = 32768;
const encoder = new TextEncoder();

export function zeroBits(hash: Uint8Array): number {
  let bits = 0;
  for (const byte of hash) {
    if (byte) return bits + Math.clz32(byte) - 24;
    bits += 8;
  }
  return bits;
}

/** The number after which the hash of the text begins with so many zero bits. */
export async function solve(text: string, bits: number): Promise<string> {
  for (let number = 0; ;) {
    const until = performance.now() + PIECE_MS;
    for (let i = 0; i < 64 || performance.now() < until; i++, number++)
      if (zeroBits(sha256(encoder.encode(`${text}:${number}`))) >= bits) return String(number);
    await new Promise((resolve) => { setTimeout(resolve, 0); });
  }
}

/** A whole JSON object, with a last key "p" of as many zeros as its class takes. */
export function pad(frame: string): string {
  const around = ',"p":""'.length;
  const length = encoder.encode(frame).length + around;
  let size = LEAST;
  while (size < length) size = size < STEP ? 2 * size : size + STEP;
  return `${frame.slice(0, -1)},"p":"${'0'.repeat(size - length)}"}`;
}
