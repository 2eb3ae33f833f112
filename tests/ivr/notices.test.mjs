// Whoever is on duty is told, by signed webhook, ntfy and mail; nothing of a contact goes out; what
// cannot be sent is tried again, also after a kill, or ends as a dead letter that one can see.
import assert from 'node:assert/strict';
import { createServer as createHttp } from 'node:http';
import { createServer as createTcp } from 'node:net';
import { after, before, test } from 'node:test';
import { Webhook } from 'standardwebhooks';
import { Daemon } from '../browser/daemon.mjs';
import { breaches, Counsellor, until, Visitor } from '../scenario/client.mjs';

const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
const WORDS = 'papa heeft een mes en wil mij nu doodsteken';
let daemon;
let http;
let smtp;
const asked = [];
const mails = [];
let answer = () => 200;

function mailServer() {
  return createTcp((socket) => {
    let data = false;
    let text = '';
    socket.write('220 fake\r\n');
    socket.on('error', () => {});
    socket.on('data', (bytes) => {
      for (const line of String(bytes).split('\r\n')) {
        if (data) {
          text += `${line}\n`;
          if (line === '.') {
            data = false;
            mails.push(text);
            text = '';
            socket.write('250 kept\r\n');
          }
        } else if (/^DATA/.test(line)) {
          data = true;
          socket.write('354 go on\r\n');
        } else if (/^QUIT/.test(line)) {
          socket.end('221 bye\r\n');
        } else if (line) {
          socket.write('250 ok\r\n');
        }
      }
    });
  });
}

const listen = (server) => new Promise((resolve) => { server.listen(0, '127.0.0.1', () => resolve(server.address().port)); });

before(async () => {
  http = createHttp((request, response) => {
    let body = '';
    request.on('data', (bytes) => { body += bytes; });
    request.on('end', () => {
      asked.push({ path: request.url, headers: request.headers, body });
      response.writeHead(answer(request.url)).end();
    });
  });
  smtp = mailServer();
  const [web, mail] = [await listen(http), await listen(smtp)];
  daemon = await Daemon.create(`outbox:\n  allow_private: true\n  notices:\n`
    + `    - {kind: webhook, url: "http://127.0.0.1:${web}/hook", secret: ${SECRET}}\n`
    + `    - {kind: ntfy, url: "http://127.0.0.1:${web}/duty", secret: tk_1}\n`
    + `    - {kind: mail, url: "smtp://127.0.0.1:${mail}", from: onthaal@example.org, to: duty@example.org}\n`);
  await daemon.start();
});
after(async () => {
  http.closeAllConnections();
  http.close();
  smtp.close();
  await daemon.remove();
});

test('a visitor in danger: all three are told, signed, without a word of the visitor', async () => {
  const child = await new Visitor(daemon).start();
  child.say(WORDS);
  await until(() => asked.length >= 2 && mails.length >= 1, 'the notices');
  const hook = asked.find(({ path }) => path === '/hook');
  const body = new Webhook(SECRET).verify(hook.body, hook.headers);
  assert.equal(body.type, 'contact.waiting');
  assert.equal(body.data.immediate, 1);
  const ntfy = asked.find(({ path }) => path === '/duty');
  assert.equal(ntfy.headers.authorization, 'Bearer tk_1');
  assert.equal(ntfy.headers.priority, 'urgent');
  assert.match(mails[0], /^Subject: Onthaal: somebody waits in danger$/m);
  const all = JSON.stringify(asked) + mails.join('');
  for (const word of WORDS.split(' ').filter((one) => one.length > 3)) assert.ok(!all.includes(word), word);
  assert.ok(!/"[0-9a-f]{16}"/.test(hook.body), 'no identifier of a contact');
  assert.throws(() => new Webhook(SECRET).verify(hook.body.replace('1', '2'), hook.headers));
  assert.match(daemon.command('outbox', 'list'), /0 waiting, 0 dead/);
});

test('what fails is tried again, with the same id and a fresh signature, also after a kill', async () => {
  const anke = await new Counsellor(daemon, 'Anke').signUp();
  for (const id of anke.cards.keys()) await anke.request('take', { contact: id });
  for (const id of anke.contacts.keys()) await anke.request('close', { contact: id });
  asked.length = 0;
  answer = (path) => (path === '/hook' ? 503 : 200);
  await new Promise((resolve) => { setTimeout(resolve, 1000); });
  const child = await new Visitor(daemon, 'second').start();
  child.say(WORDS);
  await until(() => asked.some(({ path }) => path === '/hook'), 'the first try', 60000);
  const first = asked.find(({ path }) => path === '/hook');
  await until(() => /1 waiting, 0 dead/.test(daemon.command('outbox', 'list')), 'the letter to be kept');
  await daemon.stop('SIGKILL');
  answer = () => 200;
  asked.length = 0;
  await daemon.start();
  await until(() => asked.some(({ headers }) => headers['idempotency-key'] === first.headers['idempotency-key']), 'the second try', 60000);
  const second = asked.find(({ headers }) => headers['idempotency-key'] === first.headers['idempotency-key']);
  assert.equal(second.body, first.body);
  new Webhook(SECRET).verify(second.body, second.headers);
  await until(() => /0 waiting, 0 dead/.test(daemon.command('outbox', 'list')), 'an empty list');
});

test('a refusal for good is a dead letter, seen and tried again on request', async () => {
  answer = (path) => (path === '/hook' ? 410 : 200);
  const other = await new Visitor(daemon, 'third').start();
  other.say(WORDS);
  await until(() => /1 dead/.test(daemon.command('outbox', 'list')), 'the dead letter', 90000);
  const list = daemon.command('outbox', 'list');
  assert.match(list, /^dead .*answered 410$/m);
  assert.ok(!list.includes('/hook'), 'the path may hold a secret');
  const metrics = await (await fetch(`http://127.0.0.1:${daemon.metrics}/metrics`)).text();
  assert.match(metrics, /^onthaal_outbox_dead_total 1$/m);
  assert.match(daemon.log, /msg="dead letter"/);
  assert.match(daemon.command('outbox', 'retry'), /Tried again/);
  const again = daemon.command('outbox', 'list'); // beside a louder one, perhaps
  assert.match(again, /^waiting .*answered 410$/m);
  assert.match(again, / 0 dead/);
  assert.deepEqual(breaches, []);
});

test('an address of the local network is refused unless it is allowed', async () => {
  const guarded = await Daemon.create(`outbox:\n  notices:\n    - {kind: ntfy, url: "http://127.0.0.1:${http.address().port}/guarded"}\n    - {kind: ntfy, url: "http://[::ffff:127.0.0.1]:${http.address().port}/guarded"}\n`);
  try {
    await guarded.start();
    const child = await new Visitor(guarded).start();
    child.say(WORDS);
    await until(() => /2 dead/.test(guarded.command('outbox', 'list')), 'both to be refused', 60000);
    assert.match(guarded.command('outbox', 'list'), /a private address/);
    await until(() => /a private address was not asked.*outbox\.allow_private: true/.test(guarded.log), 'the log to say what to do');
    assert.ok(!asked.some(({ path }) => path === '/guarded'));
  } finally {
    await guarded.remove();
  }
});
