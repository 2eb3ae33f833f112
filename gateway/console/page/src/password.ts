// Whether a password may be chosen. The server never sees one, so this is where it is looked at.
export const PASSWORD_MIN = 14; // characters
export const PASSWORD_MAX = 128;
export const GUESSES = 12; // a power of ten

export type Weakness = 'weak' | 'long' | 'easy'; // keys of `problem.`

export type Weigh = (password: string, known: string[]) => number;

/** What somebody who knows where this person works tries first: their names, the centre's, and ours. */
export function knownOf(...names: string[]): string[] {
  const words = names.flatMap((name) => [name, name.replace(/\s+/g, ''), ...name.split(/[\s.@_-]+/)]);
  return [...new Set([...words, 'onthaal'].map((word) => word.toLowerCase()).filter((word) => word.length > 2))];
}

export function judge(password: string, known: string[], weigh: Weigh): Weakness | undefined {
  const { length } = [...password.normalize('NFKC')];
  if (length < PASSWORD_MIN) return 'weak';
  if (length > PASSWORD_MAX) return 'long';
  return weigh(password, known) < GUESSES ? 'easy' : undefined;
}

let loading: Promise<Weigh> | undefined;

/** The estimator. Rejects when it cannot be loaded: then no password is chosen. */
export function estimator(): Promise<Weigh> {
  loading ??= new Promise<Weigh>((resolve, reject) => {
    const script = document.createElement('script');
    script.src = document.body.dataset.strength ?? '';
    script.onload = () => resolve((globalThis as unknown as { onthaalWeigh: Weigh }).onthaalWeigh);
    script.onerror = () => {
      loading = undefined;
      script.remove();
      reject(new Error('the estimator was not loaded'));
    };
    document.head.append(script);
  });
  return loading;
}
