// The line to the centre: opens again by itself, notices a dead one, and never sends a thing twice
// under another name.
import type { Frame } from './protocol';
import { pad } from './work';

const FIRST_WAIT = 500;
const LONGEST_WAIT = 8000;
const CROWDED_WAIT = 15000;
const OPENING_LIMIT = 10000;
const PROBE_LIMIT = 3000;
const TOO_MANY = 1013; // RFC 6455 as registered: try again later

export interface WireHooks {
  hello: () => object; // the first frame of each new socket
  onFrame: (frame: Frame) => void;
  onDown: (crowded: boolean) => void;
}

export class Wire {
  private socket?: WebSocket;
  private wait = FIRST_WAIT;
  private beat = 8;
  private asked = false; // our own beat is under way: the next one answers it
  private heard = 0;
  private opener?: number;
  private watcher?: number;
  private ended = false;

  constructor(private readonly url: string, private readonly hooks: WireHooks) {
    addEventListener('online', () => this.probe());
    addEventListener('pageshow', () => this.probe());
    document.addEventListener('visibilitychange', () => {
      if (document.visibilityState === 'visible') this.probe();
    });
  }

  open(): void {
    clearTimeout(this.opener);
    this.drop();
    if (this.ended) return;
    const socket = new WebSocket(this.url, 'onthaal.visitor.1');
    this.socket = socket;
    this.asked = false;
    this.watch(OPENING_LIMIT);
    socket.onopen = () => {
      if (socket === this.socket) this.send(this.hooks.hello());
    };
    socket.onmessage = (event) => {
      if (socket === this.socket) this.receive(String(event.data));
    };
    socket.onclose = (event) => {
      if (socket === this.socket) this.lost(event.code === TOO_MANY);
    };
  }

  /** false: there is no line; what matters is sent again after the next hello. */
  send(frame: object): boolean {
    if (this.socket?.readyState !== WebSocket.OPEN) return false;
    this.socket.send(pad(JSON.stringify(frame)));
    return true;
  }

  /** For good. */
  close(): void {
    this.ended = true;
    clearTimeout(this.opener);
    this.drop();
  }

  /** A new try at once: the person asked, or the network came back. */
  probe(): void {
    if (this.ended) return;
    if (this.socket?.readyState === WebSocket.OPEN) {
      this.asked = true;
      this.send({ t: 'beat' });
      this.watch(PROBE_LIMIT);
    } else if (this.socket?.readyState !== WebSocket.CONNECTING) {
      this.wait = FIRST_WAIT;
      this.open();
    }
  }

  private receive(text: string): void {
    const frame = JSON.parse(text) as Frame;
    this.heard = Date.now();
    if (frame.t === 'welcome' || frame.t === 'resumed') {
      this.beat = frame.beat;
      this.wait = FIRST_WAIT;
    }
    if (frame.t === 'bye' && frame.why === 'replaced') this.ended = true;
    if (frame.t === 'beat') {
      if (this.asked) this.asked = false;
      else this.send({ t: 'beat' });
    }
    this.watch((2 * this.beat + 3) * 1000);
    this.hooks.onFrame(frame);
  }

  private watch(limit: number): void {
    clearTimeout(this.watcher);
    const since = Date.now();
    this.watcher = window.setTimeout(() => {
      if (this.heard > since) return;
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

  private lost(crowded = false): void {
    this.socket = undefined;
    clearTimeout(this.watcher);
    this.hooks.onDown(crowded);
    if (this.ended) return;
    clearTimeout(this.opener);
    const wait = crowded ? CROWDED_WAIT : this.wait;
    this.opener = window.setTimeout(() => this.open(), wait * (0.75 + Math.random() / 2));
    this.wait = Math.min(LONGEST_WAIT, this.wait * 2);
  }
}
