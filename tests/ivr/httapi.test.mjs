// FreeSWITCH by mod_httapi: the scenarios that every line must master.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Httapi, matchDigits, readDialString, readWork } from '../fakes/httapi.mjs';
import { scenarios } from './scenarios.mjs';
import { World } from './world.mjs';

// What cannot be there, and why.
const never = {
  record: 'it deletes a recording as soon as it has sent it, so that one which we lose is lost: none is asked for',
  dial: 'nothing can be asked of it but in an answer',
  interrupt: 'nothing can be asked of it but in an answer: what is new comes with the next piece of music',
  end: 'nothing can be asked of it but in an answer: two who talk end it themselves',
};
let world;
before(async () => { world = await World.create(Httapi); });
after(() => world.remove());

for (const { name, run, needs } of scenarios)
  test(name, { skip: never[Object.keys(needs).find((need) => never[need])] ?? false }, () => world.play(run));

const post = (path, body, headers) => fetch(world.daemon.url + path, { method: 'POST', body, headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers } });
const basic = (text) => ({ authorization: `Basic ${Buffer.from(text).toString('base64')}` });

test('who is not believed is refused, counted, and changes nothing', async () => {
  const refused = () => world.metric('webhooks_refused_total');
  const before = [await refused(), await world.metric('calls_total')];
  const wrong = [{}, basic('freeswitch:'), basic('freeswitch:the secret of tomorrow'), basic('intake:the secret of today'),
    basic('freeswitch:the secret of today '), { authorization: 'Bearer the secret of today' }, { authorization: 'Basic' }];
  for (const headers of wrong) assert.equal((await post('/ivr/intake', 'session_id=stranger', headers)).status, 403);
  assert.deepEqual([await refused(), await world.metric('calls_total')], [before[0] + wrong.length, before[1]]);
  const old = await post('/ivr/intake', 'session_id=with-the-old-secret', basic('freeswitch:old secret'));
  assert.equal(old.status, 200);
  assert.equal((await post('/ivr/intake', 'session_id=with-the-old-secret&exiting=true', basic('freeswitch:old secret'))).status, 200);
});

test('what is not understood is refused, and changes nothing', async () => {
  const before = await world.metric('calls_total');
  for (const [path, body] of [['', ''], ['', 'session_id='], ['', 'session_id=a/b'], ['', 'session_id=a&keys=x'], ['', '%'], ['/x/y', 'session_id=a'], ['/i/y', 'session_id=a'],
    ['/s', 'session_id=a'], ['/r/y', 'session_id=a'], ['/o/y', 'session_id=a'], ['/a/y', 'session_id=a']])
    assert.equal((await post(`/ivr/intake${path}`, body, basic('freeswitch:the secret of today'))).status, 400, path + body);
  assert.equal((await fetch(`${world.daemon.url}/ivr/intake?session_id=a`, { headers: basic('freeswitch:the secret of today') })).status, 405);
  assert.equal(await world.metric('calls_total'), before);
});

test('a leg of nobody, or of another call, is hung up', async () => {
  const call = await world.inQueue();
  await world.ringing(call);
  const [, path] = call.waits.url.match(/invalid:\d+(.*)$/);
  for (const url of [path.replace(call.id, 'somebody-else'), path.replace(/\?.*/, ''), path.replace(/\.[0-9a-f]{24}\//, `.${'0'.repeat(24)}/`)]) {
    const answer = await post(url, 'session_id=leg', basic('freeswitch:the secret of today'));
    assert.equal(answer.status, 200);
    assert.deepEqual(readWork(await answer.text()).map(({ name }) => name), ['hangup']);
  }
  await call.hangup();
  await world.clear();
});

test('we are away for a moment: the dialplan asks again, and the caller goes on', async () => {
  const call = await world.inQueue();
  const { url } = call;
  await world.daemon.stop('SIGKILL');
  await assert.rejects(call.wait(), 'nobody answers: the application is left');
  call.busy = false;
  await world.daemon.start();
  assert.ok(await world.anke.resume());
  assert.equal(call.url, url);
  await world.platform.ask(call); // the second httapi of the dialplan: what was one-time is lost
  assert.equal(call.waits.kind, 'hold');
  const { contact } = await world.anke.request('take');
  assert.equal(contact, call.contact);
  await world.turns(call, () => call.waits.kind === 'connect', 'the telephone to ring');
  await call.hangup();
  await world.clear();
});

test('music comes in pieces of five seconds, one after the other', async () => {
  const call = await world.inQueue();
  const pieces = [];
  for (let i = 0; i < 5; i++) {
    await call.wait();
    pieces.push(call.documents.at(-1).match(/any\/hold\.[0-9a-f]{8}\.5-(\d+)\.wav/)?.[1]);
  }
  assert.ok(pieces.every((piece) => piece === '0'), 'the stand-in\'s sounds are shorter than one piece');
  await call.hangup();
  await world.clear();
});

test('nothing but a number is ever in the place of a number', async () => {
  const call = await world.inQueue({ from: `"><hangup/>'\${x}` });
  await world.ringing(call);
  assert.equal(call.waits.cli, '+3220000000');
  assert.doesNotMatch(call.documents.join(''), /<hangup|\$/);
  await call.hangup();
  await world.clear();
});

test('the stand-in matches keys as the digit machine does', () => {
  const literal = [...'0123456789*#'].map((text) => ({ text, attributes: {} }));
  assert.equal(matchDigits(literal, undefined, '9'), '9');
  assert.equal(matchDigits(literal, undefined, '12'), '1'); // at once
  const digits = [{ text: '~^[0-9]{1,4}#?$', attributes: { strip: '#' } }, { text: '*', attributes: {} }];
  for (const [keys, match] of [['12#', '12'], ['12', '12'], ['1234', '1234'], ['12345', undefined], ['*', '*'], ['', undefined], ['1*', undefined]])
    assert.equal(matchDigits(digits, '#', keys), match, keys);
  assert.equal(matchDigits([digits[0]], '#', '12'), '1', 'an expression alone is content with the first');
  assert.throws(() => readWork('<document type="xml/freeswitch-httapi"><work><answer/></work></document>'), /knows no <answer>/);
  assert.throws(() => readWork('<document type="xml/freeswitch-httapi"><work><pause name="a" milliseconds="1"><bind>1</bind></pause><hangup/></work></document>'), /after what listens/);
  assert.throws(() => readDialString('{a=b}user/1,user/2'));
});
