// Signing on by the house's own accounts: there, and back again. The tab keeps the ticket that began it, so
// that nobody else's answer is taken; what stands in the address bar is read once, and wiped at once.
import { answerIn } from './answer';
import { wire } from './store';
import { Refusal, type Ok } from './wire';

const FLOW = 'onthaal.oidc';

interface Flow { flow: string; token?: string }
export interface Answer { state: string; code?: string; iss?: string; flow: Flow }

function kept(): Flow | undefined {
  const text = sessionStorage.getItem(FLOW);
  sessionStorage.removeItem(FLOW);
  try {
    const flow = JSON.parse(text ?? '') as Flow;
    return typeof flow.flow === 'string' ? flow : undefined;
  } catch {
    return undefined;
  }
}

/** What came back to this tab; 'stray': it was not begun here. */
export function readReturn(): Answer | 'stray' | undefined {
  const found = answerIn(location.search, location.hash);
  if (!found) return undefined;
  history.replaceState(null, '', location.pathname);
  const flow = kept();
  return flow ? { ...found, flow } : 'stray';
}

/** Leaves the page. token: of the link that connects an account. */
export async function goThere(token?: string): Promise<void> {
  const ok = await wire.request('oidc');
  const flow: Flow = { flow: String(ok.flow), ...(token && { token }) };
  sessionStorage.setItem(FLOW, JSON.stringify(flow));
  location.assign(String(ok.url));
}

/** undefined: our own code is still to be given. */
export async function comeBack({ flow, ...answer }: Answer): Promise<Ok | undefined> {
  try {
    return await wire.request('oidc-return', { ...answer, ...flow });
  } catch (why) {
    if ((why as Refusal).code === 'second') return undefined;
    throw why;
  }
}
