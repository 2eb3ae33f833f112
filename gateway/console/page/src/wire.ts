// The console's line: requests that are answered once, sent again under the same id after a break.
import type { Frame } from './protocol';

const FIRST_WAIT = 500;
const LONGEST_WAIT = 8000;
const OPENING_LIMIT = 10000;

export class Refusal extends Error {
  constructor(readonly code: string, readonly by?: string, readonly retry?: number, readonly text?: string) {
    super(code);
  }
}

export type Ok = Extract<Frame, { t: 'ok' }>;

interface Pending {
  frame: { id: string; t: string; [key: string]: unknown };
  again: boolean; // sent again after a new sign-in of the socket
  resolve: (ok: Ok) => void;
  reject: (why: Refusal) => void;
}

const AGAIN = ['say', 'note', 'take', 'return', 'close', 'level', 'duty', 'hush', 'heard'];

export function randomId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(18));
  return btoa(String.fromCharCode(...bytes)).replace(/\+/g, '-').replace(/\//g, '_');
}

export class Wire {
  private socket?: WebSocket;
  private pending = new Map<string, Pending>();
  private wait = FIRST_WAIT;
  private beat = 8;
  private watcher?: ReturnType<typeof setTimeout>;
  private opener?: ReturnType<typeof setTimeout>;

  constructor(private readonly url: string, private readonly onFrame: (frame: Frame) => void, private readonly onDown: () => void) {
    addEventListener('online', () => this.hurry());
    document.addEventListener('visibilitychange', () => {
      if (document.visibilityState === 'visible') this.hurry();
    });
  }

  open(): void {
    clearTimeout(this.opener);
    this.drop();
    const socket = new WebSocket(this.url, 'onthaal.console.1');
    this.socket = socket;
    this.watch(OPENING_LIMIT);
    socket.onmessage = (event) => {
      if (socket === this.socket) this.receive(String(event.data));
    };
    socket.onclose = () => {
      if (socket === this.socket) this.lost();
    };
  }

  send(frame: object): void {
    if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(frame));
  }

  /** Without a line: what may be sent again waits for the next one, anything else is refused at once. */
  request(t: string, keys: object = {}, id = randomId()): Promise<Ok> {
    if (this.socket?.readyState !== WebSocket.OPEN && !AGAIN.includes(t)) return Promise.reject(new Refusal('line'));
    return new Promise((resolve, reject) => {
      const frame = { ...keys, t, id };
      this.pending.set(id, { frame, again: AGAIN.includes(t), resolve, reject });
      this.send(frame);
    });
  }

  /** This socket is signed in: what was under way goes again, under its own id. */
  resend(): void {
    for (const { frame, again } of this.pending.values()) if (again) this.send(frame);
  }

  private hurry(): void {
    if (this.socket?.readyState === WebSocket.OPEN) return;
    if (this.socket?.readyState === WebSocket.CONNECTING) return;
    this.wait = FIRST_WAIT;
    this.open();
  }

  private receive(text: string): void {
    const frame = JSON.parse(text) as Frame;
    this.watch((2 * this.beat + 3) * 1000);
    if (frame.t === 'beat') {
      this.send({ t: 'beat' });
      return;
    }
    if (frame.t === 'hello') this.wait = FIRST_WAIT;
    if (frame.t === 'desk') this.beat = frame.beat;
    if (frame.t === 'ok') this.settle(frame.id, (pending) => pending.resolve(frame));
    if (frame.t === 'no' && frame.id) {
      if (frame.code === 'busy') this.later(frame.id);
      else this.settle(frame.id, (pending) => pending.reject(new Refusal(frame.code, frame.by, frame.retry, frame.text)));
    }
    this.onFrame(frame);
  }

  private later(id: string): void {
    setTimeout(() => {
      const pending = this.pending.get(id);
      if (pending) this.send(pending.frame);
    }, 1000);
  }

  private settle(id: string, how: (pending: Pending) => void): void {
    const pending = this.pending.get(id);
    this.pending.delete(id);
    if (pending) how(pending);
  }

  private watch(limit: number): void {
    clearTimeout(this.watcher);
    this.watcher = setTimeout(() => {
      this.drop();
      this.lost();
    }, limit);
  }

  private drop(): void {
    const socket = this.socket;
    this.socket = undefined;
    clearTimeout(this.watcher);
    socket?.close();
  }

  private lost(): void {
    this.socket = undefined;
    clearTimeout(this.watcher);
    for (const [id, { again, reject }] of this.pending)
      if (!again) {
        this.pending.delete(id);
        reject(new Refusal('line'));
      }
    this.onDown();
    clearTimeout(this.opener);
    this.opener = setTimeout(() => this.open(), this.wait * (0.75 + Math.random() / 2));
    this.wait = Math.min(LONGEST_WAIT, this.wait * 2);
  }
}
