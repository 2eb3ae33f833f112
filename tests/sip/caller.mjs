// A telephone of the tests' own: SIP over UDP, G.711, keys; it can also misbehave.
import { createSocket } from 'node:dgram';
import { createHash, randomBytes } from 'node:crypto';
import { decode, encode } from './sound.mjs';

const random = () => randomBytes(6).toString('hex');

const md5 = (text) => createHash('md5').update(text).digest('hex');

/** The Authorization header for a challenge. */
export function authorize(challenge, { method, uri, user, password, nc = '00000001', cnonce = random() }) {
  const part = (name) => challenge.match(new RegExp(`${name}="?([^",]+)`))[1];
  const ha1 = md5(`${user}:${part('realm')}:${password}`);
  const response = md5(`${ha1}:${part('nonce')}:${nc}:${cnonce}:auth:${md5(`${method}:${uri}`)}`);
  return `Authorization: Digest username="${user}", realm="${part('realm')}", nonce="${part('nonce')}", uri="${uri}", `
    + `response="${response}", algorithm=MD5, qop=auth, nc=${nc}, cnonce="${cnonce}"\r\n`;
}

/** As it stands in an address of SIP. */
const bracketed = (address) => (address.includes(':') ? `[${address}]` : address);

function bound(address) {
  return new Promise((resolve, reject) => {
    const socket = createSocket(address.includes(':') ? 'udp6' : 'udp4');
    socket.once('error', reject);
    socket.bind(0, address, () => resolve(socket));
  });
}

export function parse(bytes) {
  const text = bytes.toString('latin1');
  const end = text.indexOf('\r\n\r\n');
  const [first, ...lines] = text.slice(0, end).split('\r\n');
  const headers = {};
  for (const line of lines) {
    const colon = line.indexOf(':');
    const name = line.slice(0, colon).toLowerCase();
    (headers[name] ??= []).push(line.slice(colon + 1).trim());
  }
  const answer = first.match(/^SIP\/2.0 (\d+)/);
  return { first, status: answer ? Number(answer[1]) : 0, method: answer ? '' : first.split(' ')[0], headers,
    body: text.slice(end + 4), header: (name) => headers[name]?.[0] };
}

export class Caller {
  static async create(port, options = {}) {
    const caller = new Caller();
    Object.assign(caller, { port, address: options.address ?? '127.0.0.1', law: options.law ?? 8,
      to: options.to ?? '127.0.0.1', user: options.user ?? '0470000001', tag: random(), call: random(), seq: 1,
      arrived: [], waiting: new Set(), heard: [], packets: [], loss: options.loss ?? 0, behind: options.behind, ssrc: 0x1234 });
    caller.sip = await bound(caller.address);
    caller.rtp = await bound(caller.address);
    caller.rtpSeq = 1000;
    caller.rtpTime = 5000;
    caller.sip.on('message', (bytes) => caller.onMessage(bytes));
    caller.rtp.on('message', (bytes) => caller.onPacket(bytes));
    caller.on = options.on ?? {};
    return caller;
  }

  onMessage(bytes) {
    if (bytes.length < 12) return;
    const message = parse(bytes);
    if (message.method && this.on[message.method]) {
      this.on[message.method](message);
    } else if (message.method === 'BYE') {
      this.reply(message, 200, 'OK');
    }
    this.arrived.push(message);
    for (const look of [...this.waiting]) look();
  }

  onPacket(bytes) {
    this.packets.push(bytes);
    const type = bytes[1] & 127;
    if (decode[type]) for (const byte of bytes.subarray(12)) this.heard.push(decode[type](byte));
  }

  /** The next message that fits; each is given once. */
  next(fits, seconds = 10) {
    return new Promise((resolve, reject) => {
      const done = (act, value) => {
        clearTimeout(timer);
        this.waiting.delete(look);
        act(value);
      };
      const look = () => {
        const at = this.arrived.findIndex(fits);
        if (at >= 0) done(resolve, this.arrived.splice(at, 1)[0]);
      };
      const timer = setTimeout(() => done(reject, new Error(
        `nothing fits in ${seconds} s: ${this.arrived.map((m) => m.first).join(' | ')}`)), seconds * 1000);
      this.waiting.add(look);
      look();
    });
  }

  final(method, seconds) {
    return this.next((m) => m.status >= 200 && m.header('cseq')?.endsWith(method), seconds);
  }

  request(method, { headers = '', body = '', type = 'application/sdp', seq = this.seq, branch = `z9hG4bK${random()}`,
    uri = `sip:intake@${bracketed(this.to)}:${this.port}`, toTag = this.toTag, via = '', call = this.call, tag = this.tag } = {}) {
    const own = `${bracketed(this.address)}:${this.sip.address().port}`;
    return `${method} ${uri} SIP/2.0\r\nVia: SIP/2.0/UDP ${own};rport;branch=${branch}${via}\r\n`
      + `Max-Forwards: 70\r\nFrom: <sip:${this.user}@example.org>;tag=${tag}\r\n`
      + `To: <sip:intake@example.org>${toTag ? `;tag=${toTag}` : ''}\r\nCall-ID: ${call}\r\nCSeq: ${seq} ${method}\r\n`
      + `Contact: <sip:${this.user}@${this.behind ?? own}>\r\n${headers}`
      + (body ? `Content-Type: ${type}\r\n` : '') + `Content-Length: ${body.length}\r\n\r\n${body}`;
  }

  send(text) {
    this.sip.send(Buffer.from(text, 'latin1'), this.port, this.to);
  }

  reply(request, status, reason, extra = '', body = '') {
    if (this.closed) return;
    const copy = ['via', 'from', 'call-id', 'cseq'].flatMap((name) => request.headers[name].map((v) => `${name}: ${v}\r\n`)).join('');
    const to = request.header('to');
    const own = `${bracketed(this.address)}:${this.sip.address().port}`;
    this.send(`SIP/2.0 ${status} ${reason}\r\n${copy}to: ${to}${to.includes('tag=') || status === 100 ? '' : `;tag=${this.tag}`}\r\n`
      + `Contact: <sip:${this.user}@${this.behind ?? own}>\r\n${extra}`
      + (body ? 'Content-Type: application/sdp\r\n' : '') + `Content-Length: ${body.length}\r\n\r\n${body}`);
  }

  description({ direction = 'sendrecv', formats = `${this.law} 101`, address = this.address, port = this.rtp.address().port,
    proto = 'RTP/AVP', extra = '' } = {}) {
    const kind = address.includes(':') ? 'IP6' : 'IP4';
    return `v=0\r\no=- 1 1 IN ${kind} ${address}\r\ns=-\r\nc=IN ${kind} ${address}\r\nt=0 0\r\nm=audio ${port} ${proto} ${formats}\r\n`
      + `a=rtpmap:101 telephone-event/8000\r\na=ptime:20\r\na=${direction}\r\n${extra}`;
  }

  /** Sends a request, a new call unless told, and gives what came within the time; status 0: nothing. */
  async ask(method, options = {}, ms = 700) {
    const call = options.call ?? `${this.call}-${random()}`;
    const branch = options.branch ?? `z9hG4bK${random()}`;
    this.send(this.request(method, { call, branch, ...options }));
    try {
      const answer = await this.next((m) => m.status >= 200 && m.header('call-id') === call, ms / 1000);
      if (method === 'INVITE' && answer.status >= 300) this.send(this.request('ACK', { call, branch }));
      return answer;
    } catch {
      return { status: 0 };
    }
  }

  /** INVITE until answered and acknowledged. Gives the 200. */
  async invite(options = {}) {
    this.branch = `z9hG4bK${random()}`;
    this.send(this.request('INVITE', { body: options.body ?? this.description(options), branch: this.branch, ...options }));
    const answer = await this.final('INVITE', options.seconds);
    this.take(answer);
    if (answer.status < 300 && options.ack !== false) this.ack();
    return answer;
  }

  take(answer) {
    const tag = answer.header('to').match(/tag=([^;]+)/);
    if (answer.status < 300) {
      this.toTag = tag[1];
      this.remoteRtp = Number(answer.body.match(/m=audio (\d+)/)[1]);
      this.contact = answer.header('contact').match(/<([^>]+)>/)[1];
    }
  }

  ack(body = '') {
    this.send(this.request('ACK', { body, uri: this.contact }));
    this.seq++;
  }

  async bye() {
    this.send(this.request('BYE', { uri: this.contact, seq: this.seq++ }));
    const answer = await this.final('BYE');
    return answer;
  }

  packet(type, payload, { marker = false, time = this.rtpTime, to = this.remoteRtp } = {}) {
    const bytes = Buffer.alloc(12 + payload.length);
    bytes[0] = 0x80;
    bytes[1] = type | (marker ? 0x80 : 0);
    bytes.writeUInt16BE(this.rtpSeq++ & 0xffff, 2);
    bytes.writeUInt32BE(time >>> 0, 4);
    bytes.writeUInt32BE(this.ssrc, 8);
    Buffer.from(payload).copy(bytes, 12);
    if (!this.closed && Math.random() >= this.loss) this.rtp.send(this.srtp?.protect(bytes) ?? bytes, to, this.to);
  }

  /** Speaks in real time: a packet each 20 ms. Ends when all is said, or when told. */
  speak(samples, loop = false) {
    let at = 0;
    const start = performance.now();
    let sent = 0;
    return new Promise((resolve) => {
      this.hush = () => { clearInterval(timer); resolve(); };
      const timer = setInterval(() => {
        while (sent * 20 <= performance.now() - start) {
          if (at + 160 > samples.length) {
            if (!loop) return this.hush();
            at = 0;
          }
          this.packet(this.law, Buffer.from(samples.slice(at, at + 160), 0).map((_, i) => encode[this.law](samples[at + i])));
          this.rtpTime += 160;
          at += 160;
          sent++;
        }
      }, 10);
    });
  }

  /** A key as RFC 4733 has it: every packet several times, the end three times. */
  async press(keys) {
    for (const key of keys) {
      const event = '0123456789*#ABCD'.indexOf(key);
      const time = this.rtpTime;
      for (let i = 1; i <= 5; i++) {
        this.packet(101, [event, 10, 0, i * 160], { time, marker: i === 1 });
        await new Promise((resolve) => { setTimeout(resolve, 20); });
      }
      for (let i = 0; i < 3; i++) this.packet(101, [event, 0x8a, 3, 32], { time });
      this.rtpTime += 1600;
      await new Promise((resolve) => { setTimeout(resolve, 60); });
    }
  }

  async hears(fits, seconds = 10) {
    const until = performance.now() + seconds * 1000;
    while (!fits(this.heard)) {
      if (performance.now() > until) throw new Error(`not heard in ${seconds} s (${this.heard.length / 8000} s of sound)`);
      await new Promise((resolve) => { setTimeout(resolve, 100); });
    }
  }

  close() {
    this.hush?.();
    this.closed = true;
    this.sip.close();
    this.rtp.close();
  }
}
