// Who may speak: the platforms' own packages sign, and judge what our stand-ins sign; whatever is not
// signed as it should be is refused, counted, and changes nothing.
import assert from 'node:assert/strict';
import { createHash, createHmac } from 'node:crypto';
import { createRequire } from 'node:module';
import { after, before, test } from 'node:test';
import { WebhookResponse } from '@jambonz/sdk';
import { Daemon } from '../browser/daemon.mjs';
import { SignalWire, Twilio } from '../fakes/twilio.mjs';

const require = createRequire(import.meta.url);
const twilio = require('twilio');
const { RestClient: signalwire } = require('@signalwire/compatibility-api');

const SECRET = 'the secret of today';
let daemon;
before(async () => {
  daemon = await Daemon.create(`telephone:\n  public_url: https://phone.invalid:8443\n  platform_voice: true\n  lines:\n`
    + `    - {name: tw, kind: twilio, account: AC1, secrets: [yesterday, "${SECRET}"]}\n`
    + `    - {name: sw, kind: twilio, dialect: signalwire, account: AC1, api_url: "https://example.invalid/api/laml", secrets: ["${SECRET}"]}\n`
    + `    - {name: jb, kind: jambonz, account: a, secrets: [yesterday, "${SECRET}"]}\n`);
  await daemon.start();
});
after(() => daemon.remove());

const form = (fields) => new URLSearchParams(Object.entries(fields).flatMap(([key, value]) => [value].flat().map((one) => [key, one])));
const post = async (path, body, headers) => {
  const response = await fetch(daemon.url + path, { method: 'POST', body, headers });
  await response.text();
  return response.status;
};
const metrics = async () => (await fetch(`http://127.0.0.1:${daemon.metrics}/metrics`)).text();
const refused = async () => Number((await metrics()).match(/^onthaal_webhooks_refused_total (\d+)/m)[1]);
const calls = async () => Number((await metrics()).match(/^onthaal_calls_total (\d+)/m)[1]);

let serial = 0;
const base = () => ({ CallSid: `CA${serial += 1}`, AccountSid: 'AC1', From: '+32470009999', To: '+3220000000', CallStatus: 'ringing' });
const odd = [
  ['plain', {}],
  ['odd characters', { City: 'Liège & "co" <1> +%20\'~*()', 'a[b]': '1', Ümlaut: 'ß€😀' }],
  ['empty values', { Digits: '', Nothing: '' }],
  ['names that sort by case', { b: '1', B: '2', a: '3', A: '4', _: '5' }],
  ['repeated values', { Media: ['b', 'a', 'b'], Other: ['x', 'x'] }],
];

for (const [what, more] of odd) {
  for (const url of ['https://phone.invalid:8443', 'https://phone.invalid']) {
    test(`signed by npm twilio, ${what}, ${url}`, async () => {
      const fields = { ...base(), ...more };
      const signature = twilio.getExpectedTwilioSignature(SECRET, `${url}/ivr/tw`, fields);
      assert.equal(await post('/ivr/tw', form(fields), { 'x-twilio-signature': signature }), 200);
    });
  }
  test(`our stand-in signs as npm twilio does, ${what}`, () => {
    const fields = { ...base(), ...more };
    const fake = new Twilio({ secret: SECRET });
    const pairs = [...form(fields)];
    assert.ok(twilio.validateRequest(SECRET, fake.sign('https://phone.invalid:8443/ivr/tw', pairs), 'https://phone.invalid:8443/ivr/tw', fields));
  });
  test(`signed as @signalwire/compatibility-api judges, ${what}`, async () => {
    const fields = { ...base(), ...more };
    const fake = new SignalWire({ secret: SECRET });
    const url = 'https://phone.invalid:8443/ivr/sw';
    const signature = fake.sign(url, [...form(fields)]);
    assert.ok(signalwire.validateRequest(SECRET, signature, url, fields), 'their judge');
    assert.equal(await post('/ivr/sw', form(fields), { 'x-signalwire-signature': signature }), 200);
  });
}

test('a JSON body is bound by its hash in the address', async () => {
  const body = JSON.stringify({ a: 1 });
  const hash = createHash('sha256').update(body).digest('hex');
  const url = `https://phone.invalid:8443/ivr/tw?bodySHA256=${hash}`;
  const headers = { 'content-type': 'application/json', 'x-twilio-signature': twilio.getExpectedTwilioSignature(SECRET, url, {}) };
  assert.equal(await post(`/ivr/tw?bodySHA256=${hash}`, body, headers), 400); // believed, but no call
  assert.equal(await post(`/ivr/tw?bodySHA256=${hash}`, `${body} `, headers), 403);
});

test('an old secret still counts while it is replaced', async () => {
  const fields = base();
  assert.equal(await post('/ivr/tw', form(fields), { 'x-twilio-signature': twilio.getExpectedTwilioSignature('yesterday', 'https://phone.invalid:8443/ivr/tw', fields) }), 200);
});

test('what is not signed so is refused, counted, and no call', async () => {
  const fields = base();
  const good = twilio.getExpectedTwilioSignature(SECRET, 'https://phone.invalid:8443/ivr/tw', fields);
  const [before_, began] = [await refused(), await calls()];
  const attempts = [
    [fields, {}],
    [fields, { 'x-twilio-signature': '' }],
    [fields, { 'x-twilio-signature': `${good}A` }],
    [fields, { 'x-twilio-signature': good.slice(0, -1) }],
    [fields, { 'x-signalwire-signature': good }],
    [{ ...fields, Digits: '9' }, { 'x-twilio-signature': good }],
    [{ ...fields, CallSid: 'CAother' }, { 'x-twilio-signature': good }],
    [fields, { 'x-twilio-signature': twilio.getExpectedTwilioSignature('another', 'https://phone.invalid:8443/ivr/tw', fields) }],
    [fields, { 'x-twilio-signature': twilio.getExpectedTwilioSignature(SECRET, 'https://other.invalid/ivr/tw', fields) }],
    [fields, { 'x-twilio-signature': twilio.getExpectedTwilioSignature(SECRET, 'http://phone.invalid:8443/ivr/tw', fields) }],
  ];
  for (const [body, headers] of attempts) assert.equal(await post('/ivr/tw', form(body), headers), 403);
  const broken = ['CallSid=%zz', 'CallSid=a%00b', 'a&'.repeat(5000)];
  for (const body of broken) assert.equal(await post('/ivr/tw', body, { 'content-type': 'application/x-www-form-urlencoded' }), 403);
  attempts.push(...broken);
  assert.equal(await refused(), before_ + attempts.length);
  assert.equal(await calls(), began);
});

const middleware = () => WebhookResponse.verifySignature(SECRET);
const jambonzSign = (body, time, secret = SECRET) => `t=${time},v1=${createHmac('sha256', secret).update(`${time}.${body}`).digest('hex')}`;
const now = () => Math.floor(Date.now() / 1000);

test('jambonz: what the SDK accepts we accept, and what it refuses', async () => {
  const body = JSON.stringify({ call_sid: 'j1', direction: 'inbound', from: '+32470009999', call_status: 'trying', name: 'é"\\' });
  const judge = (header) => {
    let verdict;
    middleware()({ headers: { 'jambonz-signature': header }, header: () => header, get: () => header, body: JSON.parse(body) }, {}, (error) => { verdict = error; });
    return verdict === undefined;
  };
  for (const [header, good] of [
    [jambonzSign(body, now()), true],
    [`${jambonzSign(body, now(), 'another')},v1=${jambonzSign(body, now()).split('v1=')[1]}`, true],
    [jambonzSign(body, now(), 'another'), false],
    [jambonzSign(body, now() - 301), false],
    [jambonzSign(`${body} `, now()), false],
    ['v1=00', false],
    ['', false],
  ]) {
    assert.equal(judge(header), good, `their judge on ${header}`);
    assert.equal(await post('/ivr/jb', body, { 'content-type': 'application/json', 'jambonz-signature': header }), good ? 200 : 403, header);
  }
});

test('jambonz: a time that is no number, or too far ahead', async () => {
  const body = JSON.stringify({ call_sid: 'j2' });
  for (const time of ['x', `${now()}x`, now() + 310, '99999999999999999999'])
    assert.equal(await post('/ivr/jb', body, { 'jambonz-signature': jambonzSign(body, time) }), 403, String(time));
});

test('bodies that are none are refused without harm', async () => {
  const sign = (body) => ({ 'jambonz-signature': jambonzSign(body, now()) });
  for (const body of ['', '{', '[]', '{}', '{"call_sid":1}', '{"call_sid":""}', `{"call_sid":"${'x'.repeat(121)}"}`, '{"call_sid":"a","digits":"1;2"}', '{"call_sid":"a","call_sid":"b"}', '\u0000'])
    assert.equal(await post('/ivr/jb', body, sign(body)), 400, body);
  for (const fields of [{}, { CallSid: '' }, { CallSid: 'a b' }, { CallSid: 'x'.repeat(121) }, { ...base(), Digits: 'w' }])
    assert.equal(await post('/ivr/tw', form(fields), { 'x-twilio-signature': twilio.getExpectedTwilioSignature(SECRET, 'https://phone.invalid:8443/ivr/tw', fields) }), 400, JSON.stringify(fields));
  for (const path of ['/ivr/tw/x', '/ivr/tw/t/', '/ivr/tw/t/a/b', '/ivr/tw/l/a/10'])
    assert.equal(await post(path, form(base()), {}), 403, path);
});
