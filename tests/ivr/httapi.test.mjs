// FreeSWITCH by mod_httapi: the scenarios that every line must master.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { until } from '../scenario/client.mjs';
import { Httapi, HttapiAlone, matchDigits, readDialString, readWork } from '../fakes/httapi.mjs';
import { scenarios } from './scenarios.mjs';
import { World } from './world.mjs';

// What cannot be there, and why.
const never = {
  keeps: 'it deletes a recording as soon as it has sent it: a message that is lost with us is lost, see below',
};
const alone = {
  ...never,
  dial: 'nobody can be rung out of turn, so that no callback is promised: see below',
  interrupt: 'nothing can be asked of it but in an answer: what is new comes with the next piece of music',
  end: 'nothing can be asked of it but in an answer: two who talk end it themselves',
};

const basic = (text) => ({ authorization: `Basic ${Buffer.from(text).toString('base64')}` });
const today = basic('freeswitch:the secret of today');
const post = (world, path, body, headers = today) => fetch(world.daemon.url + path, { method: 'POST', body, headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers } });

const ofAlone = {
  'no callback is promised that nobody could make': async (world) => {
    const call = await world.inQueue();
    await call.press('*');
    assert.ok(call.since.includes('nl/callback-off'));
    for (let i = 0; i < 3 && call.waits.kind !== 'hold'; i++) await call.wait();
    assert.equal(call.waits.kind, 'hold');
  },

  'an old request that comes again, late, gets its old answer and changes nothing': async (world) => {
    const call = await world.platform.call().start();
    const old = call.url;
    await call.press('2');
    const answer = call.documents.at(-1);
    await call.press('1');
    const fields = { ...world.platform.fields(call), keys: '2' };
    for (let i = 0; i < 2; i++) assert.equal((await world.platform.hook(old, fields)).bytes, answer);
    await call.wait();
    assert.equal(call.waits.kind, 'hold');
    assert.ok(call.heard.includes('fr/queue'));
    await until(() => world.anke.cards.size === 1, 'one contact');
  },

  'we are away for a moment: the dialplan asks again, and the caller goes on': async (world) => {
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
    await world.take(call);
    await world.turns(call, () => call.waits.kind === 'connect', 'the telephone to ring');
  },

  'who takes is rung with the next piece of music, which are five seconds each': async (world) => {
    const call = await world.inQueue();
    const pieces = [];
    for (let i = 0; i < 4; i++) {
      await call.wait();
      const [, piece, number] = call.documents.at(-1).match(/(any\/hold\.[0-9a-f]{8}\.5-(\d)\.wav)!/);
      const bytes = Buffer.from(await (await fetch(`${world.daemon.url}/ivr/prompts/${piece}`)).arrayBuffer());
      assert.equal(bytes.length, 44 + (number === '1' ? 7 : 5) * 16000, 'what is left over is in the last one');
      pieces.push(+number);
    }
    assert.deepEqual(pieces, [0, 1, 2, 3].map((i) => (pieces[0] + i) % 2));
    await world.take(call);
    await call.wait();
    assert.equal(call.waits.kind, 'connect');
  },

  'who is not believed is refused, counted, and changes nothing': async (world) => {
    const refused = () => world.metric('webhooks_refused_total');
    const before = [await refused(), await world.metric('calls_total')];
    const wrong = [{}, basic('freeswitch:'), basic('freeswitch:the secret of tomorrow'), basic('intake:the secret of today'),
      basic('freeswitch:the secret of today '), { authorization: 'Bearer the secret of today' }, { authorization: 'Basic' }];
    for (const headers of wrong) assert.equal((await post(world, '/ivr/intake', 'session_id=stranger', headers)).status, 403);
    assert.deepEqual([await refused(), await world.metric('calls_total')], [before[0] + wrong.length, before[1]]);
    for (const body of ['session_id=old', 'session_id=old&exiting=true'])
      assert.equal((await post(world, '/ivr/intake', body, basic('freeswitch:old secret'))).status, 200, 'two secrets while one is replaced');
  },

  'what is not understood is refused, and changes nothing': async (world) => {
    const before = await world.metric('calls_total');
    for (const [path, body] of [['', ''], ['', 'session_id='], ['', 'session_id=a/b'], ['', 'session_id=a&keys=x'], ['', '%'], ['/x/y', 'session_id=a'],
      ['/s', 'session_id=a'], ['/r/y', 'session_id=a'], ['/a/y', 'session_id=a']])
      assert.equal((await post(world, `/ivr/intake${path}`, body)).status, 400, path + body);
    assert.equal((await fetch(`${world.daemon.url}/ivr/intake?session_id=a`, { headers: today })).status, 405, 'numbers do not belong into an address');
    assert.equal(await world.metric('calls_total'), before);
  },
};

const ofBoth = {
  'a leg of nobody, or of another call, is hung up': async (world) => {
    const call = await world.inQueue();
    await world.ringing(call);
    const [, path] = call.waits.url.match(/invalid:\d+(.*)$/);
    for (const url of [path.replace(call.id, 'somebody-else'), path.replace(/\?.*/, ''), path.replace(/\.[0-9a-f]{24}\//, `.${'0'.repeat(24)}/`)]) {
      const answer = await post(world, url, 'session_id=leg');
      assert.equal(answer.status, 200);
      assert.deepEqual(readWork(await answer.text()).map(({ name }) => name), ['hangup']);
    }
  },

  'an end that was never told is found when the line is wanted': async (world) => {
    const call = await world.inQueue();
    call.waits = { kind: 'over' };
    await world.take(call);
    await world.state(call, 'closed');
  },

  'commands that are configured no longer are not given, and the music still brings what is new': async (world) => {
    const reload = async () => {
      const count = () => (world.daemon.log.match(/msg="?reloaded/g) ?? []).length;
      const before = count();
      world.configure();
      world.daemon.process.kill('SIGHUP');
      await until(() => count() > before, 'the reload');
    };
    const call = await world.inQueue();
    Object.defineProperty(world.platform, 'more', { value: '', configurable: true });
    try {
      await reload();
      world.platform.rest.length = 0;
      await world.take(call);
      await world.turns(call, () => call.waits.kind === 'connect', 'the telephone to ring');
      assert.deepEqual(world.platform.rest, []);
    } finally {
      delete world.platform.more;
      await reload();
    }
  },

  'nothing but a number is ever in the place of a number': async (world) => {
    const call = await world.inQueue({ from: `"><hangup/>'\${x}` });
    await world.ringing(call);
    assert.equal(call.waits.cli, '+3220000000');
    assert.doesNotMatch(call.documents.join(''), /<hangup|\$/);
  },
};

describe('FreeSWITCH', { concurrency: 2 }, () => {
  for (const [Kind, not, particulars] of [[HttapiAlone, alone, ofAlone], [Httapi, never, ofBoth]]) {
    describe(Kind.name, { concurrency: 1 }, () => {
      let world;
      before(async () => { world = await World.create(Kind); });
      after(() => world?.remove());
      for (const { name, run, needs } of scenarios)
        test(name, { skip: not[Object.keys(needs).find((need) => not[need])] ?? false }, () => world.play(run));
      for (const [name, run] of Object.entries(particulars)) test(name, () => world.play(run));
    });
  }
});

test('the stand-in matches keys as the digit machine does', () => {
  const literal = [...'0123456789*#'].map((text) => ({ text, attributes: {} }));
  assert.equal(matchDigits(literal, undefined, '9'), '9');
  assert.equal(matchDigits(literal, undefined, '12'), '1'); // at once
  const digits = [{ text: '~^[0-9]{1,4}#?$', attributes: { strip: '#' } }, { text: '*', attributes: {} }];
  for (const [keys, match] of [['12#', '12'], ['12', '12'], ['1234', '1234'], ['12345', undefined], ['*', '*'], ['', undefined], ['1*', undefined]])
    assert.equal(matchDigits(digits, '#', keys), match, keys);
  assert.equal(matchDigits([digits[0]], '#', '12'), '1', 'an expression alone is content with the first');
});

test('the stand-in refuses what mod_httapi would', () => {
  const work = (items) => readWork(`<document type="xml/freeswitch-httapi"><work>${items}</work></document>`);
  assert.throws(() => work(''), /no instructions/);
  assert.throws(() => work('<answer/>'), /knows no <answer>/);
  assert.throws(() => work('<pause name="a" milliseconds="1"><bind>1</bind></pause><hangup/>'), /after what listens/);
  assert.throws(() => work('<continue action="https://user@host/"/>'));
  assert.throws(() => readDialString('{a=b}user/1,user/2'));
});
