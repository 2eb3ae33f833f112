// One flood: opens so many connections of one kind, says what became of them, and holds them until its
// standard input ends. Started by flood.mjs.
//   node tests/bench/flooder.mjs PORT KIND COUNT
import { randomBytes } from 'node:crypto';
import { connect } from 'node:net';

const [port, kind, wanted] = [Number(process.argv[2]), process.argv[3], Number(process.argv[4])];
const AT_ONCE = 200; // under way
const told = { opened: 0, let_in: 0, full: 0, work: 0, started: 0, closed: 0 };
const sockets = new Set();

function frame(text) { // a mask of zeros is a mask
  const bytes = Buffer.from(text);
  const head = bytes.length < 126 ? [0x81, 0x80 | bytes.length] : [0x81, 0xfe, bytes.length >> 8, bytes.length & 255];
  return Buffer.concat([Buffer.from([...head, 0, 0, 0, 0]), bytes]);
}

const network = (i) => (kind === 'network' ? `203.0.113.${i % 250}` : `10.${(i >> 8) & 255}.${i & 255}.7`);
const upgrade = (i) => `GET /chat HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nOrigin: http://127.0.0.1:${port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n`
  + `Sec-WebSocket-Key: ${randomBytes(16).toString('base64')}\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: onthaal.visitor.1\r\nX-Forwarded-For: ${network(i)}\r\n\r\n`;

const begins = {
  silent: () => '',
  slow: () => 'GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ',
  pages: () => `GET / HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n\r\n`,
  lines: upgrade, network: upgrade, starts: upgrade,
};

function one(i) {
  return new Promise((done) => {
    const socket = connect(port, '127.0.0.1');
    let greeted = false;
    sockets.add(socket);
    socket.setTimeout(20000, done);
    socket.on('connect', () => {
      told.opened += 1;
      socket.write(begins[kind](i));
      if (kind === 'silent' || kind === 'slow') done();
    });
    socket.on('data', (bytes) => {
      const text = bytes.toString('latin1');
      if (kind === 'pages') { told.let_in += text.startsWith('HTTP/1.1 200') ? 1 : 0; done(); return; }
      if (!greeted && text.startsWith('HTTP/1.1 101')) {
        greeted = true;
        socket.write(frame('{"t":"hello","lang":"nl"}'));
        if (kind === 'starts') socket.write(frame(`{"t":"start","id":"${randomBytes(18).toString('base64url')}","answers":{}}`));
      }
      if (text.includes('"welcome"')) { told.let_in += 1; if (kind !== 'starts') done(); }
      if (text.includes('"t":"error"') && text.includes('"full"')) { told.full += 1; done(); }
      if (text.includes('"t":"work"')) { told.work += 1; done(); }
      if (text.includes('"t":"started"')) { told.started += 1; done(); }
      if (text.includes('"beat"')) socket.write(frame('{"t":"beat"}'));
    });
    socket.on('error', () => {});
    socket.on('close', () => { told.closed += 1; sockets.delete(socket); done(); });
  });
}

let next = 0;
await Promise.all(Array.from({ length: AT_ONCE }, async () => {
  while (next < wanted) await one(next++);
}));
process.stdout.write(`${JSON.stringify(told)}\n`);
process.stdin.on('end', () => process.exit(0)).resume();
