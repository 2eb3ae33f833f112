// What the house's sign-on sent back in the address.

/** The answer of the provider in this address, whether it is ours or not; undefined: there is none. */
export function answerIn(search: string, hash: string): { state: string; code?: string; iss?: string } | undefined {
  for (const part of [hash, search]) {
    const keys = new URLSearchParams(part.replace(/^[#?]/, ''));
    const state = keys.get('state');
    const code = keys.get('code');
    if (state && (code || keys.has('error')))
      return { state, ...(code && { code }), ...(keys.get('iss') && { iss: keys.get('iss') as string }) };
  }
  return undefined;
}
