// Sounds for the tests: tones, words that only one prompt has, and how to find them again.

export function tone(hertz, seconds, level = 8000, rate = 8000) {
  return Int16Array.from({ length: Math.round(seconds * rate) }, (_, i) => level * Math.sin(2 * Math.PI * hertz * i / rate));
}

/** A sound that correlates with nothing but itself: noise of a seed, made soft. */
export function word(seed, seconds, level = 9000) {
  let state = seed * 2654435761 >>> 0 || 1;
  let soft = 0;
  return Int16Array.from({ length: Math.round(seconds * 8000) }, () => {
    state ^= state << 13; state >>>= 0;
    state ^= state >>> 17;
    state ^= state << 5; state >>>= 0;
    soft = soft * 0.6 + (state / 2 ** 31 - 1) * 0.4;
    return soft * level;
  });
}

/** The part of the power that is a tone of that frequency, 0 to 1. */
export function share(samples, hertz, rate = 8000) {
  let sine = 0, cosine = 0, power = 0;
  samples.forEach((value, i) => {
    sine += value * Math.sin(2 * Math.PI * hertz * i / rate);
    cosine += value * Math.cos(2 * Math.PI * hertz * i / rate);
    power += value * value;
  });
  return power > 0 ? 2 * (sine * sine + cosine * cosine) / (power * samples.length) : 0;
}

/** Seconds of `heard`, looked at in blocks of 100 ms, that are that tone. */
export function secondsOf(heard, hertz, rate = 8000) {
  const block = rate / 10;
  let count = 0;
  for (let at = 0; at + block <= heard.length; at += block) {
    const part = heard.slice(at, at + block);
    if (part.reduce((sum, v) => sum + Math.abs(v), 0) / block > 200 && share(part, hertz, rate) > 0.8) count++;
  }
  return count / 10;
}

/** Where `part` is heard in `whole`, by normalised correlation: {at: sample, likeness: 0 to 1}. */
export function locate(whole, part, step = 1) {
  const sample = part.slice(0, Math.min(part.length, 2400));
  let best = { at: -1, likeness: 0 };
  let energy = 0, own = 0;
  for (const v of sample) own += v * v;
  for (let i = 0; i < sample.length && i < whole.length; i++) energy += whole[i] ** 2;
  for (let at = 0; at + sample.length <= whole.length; at += step) {
    let sum = 0;
    // A coarse look first: one sample in eight.
    for (let i = 0; i < sample.length; i += 8) sum += whole[at + i] * sample[i];
    if (energy > 1e6 && Math.abs(sum) * 8 > 0.25 * Math.sqrt(energy * own)) {
      let exact = 0;
      for (let i = 0; i < sample.length; i++) exact += whole[at + i] * sample[i];
      const likeness = exact / Math.sqrt(energy * own);
      if (likeness > best.likeness) best = { at, likeness };
    }
    for (let n = 0; n < step && at + sample.length + n < whole.length; n++)
      energy += whole[at + sample.length + n] ** 2 - whole[at + n] ** 2;
  }
  return best;
}

export const contains = (whole, part) => locate(whole, part).likeness > 0.8;

const A = Int16Array.from({ length: 256 }, (_, byte) => {
  const value = byte ^ 0x55, exponent = value >> 4 & 7;
  const size = exponent ? ((value & 15) << 4) + 0x108 << exponent - 1 : ((value & 15) << 4) + 8;
  return value & 0x80 ? size : -size;
});
const MU = Int16Array.from({ length: 256 }, (_, byte) => {
  const value = ~byte & 255, size = (((value & 15) << 3) + 0x84 << (value >> 4 & 7)) - 0x84;
  return value & 0x80 ? -size : size;
});
const coder = (table) => {
  const order = [...table.keys()].sort((a, b) => table[a] - table[b]);
  return (sample) => {
    let low = 0, high = 255;
    while (low < high) {
      const middle = low + high >> 1;
      if (table[order[middle]] < sample) low = middle + 1; else high = middle;
    }
    const below = order[Math.max(0, low - 1)];
    return Math.abs(table[below] - sample) < Math.abs(table[order[low]] - sample) ? below : order[low];
  };
};
export const decode = { 8: (b) => A[b], 0: (b) => MU[b] };
/** The samples of a message as we record it: WAV of A-law. */
export function spoken(wav) {
  const bytes = Buffer.from(wav), size = bytes.readUInt32LE(54);
  const head = [bytes.toString('latin1', 0, 4), bytes.toString('latin1', 8, 16), bytes.readUInt16LE(20), bytes.readUInt16LE(22),
    bytes.readUInt32LE(24), bytes.toString('latin1', 50, 54), bytes.readUInt32LE(4), bytes.length].join(' ');
  if (head !== `RIFF WAVEfmt  6 1 8000 data ${size + 50} ${size + 58}`) throw new Error(`not a message: ${head}`);
  return [...bytes.subarray(58)].map((byte) => A[byte]);
}

export const encode = { 8: coder(A), 0: coder(MU) };
