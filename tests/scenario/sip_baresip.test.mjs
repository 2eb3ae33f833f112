// With a telephone that others wrote: baresip calls and is called, in the clear and by TLS and SRTP;
// what each side heard is measured in its own recording.
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { Baresip } from '../sip/baresip.mjs';
import { certificate } from '../sip/certificate.mjs';
import { Phone } from '../sip/phone.mjs';
import { contains, locate, secondsOf, spoken, tone, word } from '../sip/sound.mjs';

const welcome = word(21, 1.2), accept = word(22, 1), music = word(23, 1.5);
const prompts = { 'nl/welcome': welcome, 'nl/accept': accept, 'any/music': music };
const pause = (ms) => new Promise((resolve) => { setTimeout(resolve, ms); });
const secure = '  certificate: sip.pem\n  key: sip.key\n';
const staff = '  staff:\n    - {name: anna, password: lang-genoeg}\n';
let made, folder, ca;

before(() => {
  made = certificate();
  folder = mkdtempSync(join(tmpdir(), 'onthaal-ca-'));
  ca = join(folder, 'ca.pem');
  writeFileSync(ca, made.certificate);
});
after(() => rmSync(folder, { recursive: true, force: true }));

async function withAll(sip, rules, work) {
  const phone = await Phone.start({ prompts, rules, sip, files: { 'sip.pem': made.certificate, 'sip.key': made.key } });
  const telephones = [];
  try {
    await work(phone, async (options) => {
      const one = await Baresip.start({ ca, ...options });
      telephones.push(one);
      return one;
    });
  } finally {
    for (const one of telephones) await one.stop();
    await phone.stop();
  }
}

const rules = ['on incoming answer; prompt welcome; menu seconds=30 keys=1', 'on keys record most=20 finish=#', 'on recorded hangup'];

/** It calls, hears the prompt, presses a key, is recorded: audio and keys both ways. */
async function conversation(phone, telephone, uri) {
  telephone.say('dial', uri);
  await telephone.event('CALL_ESTABLISHED');
  await pause(2500);
  telephone.say('sndcode', '1');
  await phone.event(/event=keys .*keys=1/);
  await pause(2500);
  telephone.say('sndcode', '#');
  const [, path] = await phone.event(/event=recorded .*recording=(\S+)/);
  await telephone.event('CALL_CLOSED');
  const recorded = spoken(readFileSync(path));
  rmSync(path);
  const found = locate(telephone.heard(), welcome);
  assert.ok(found.likeness > 0.8, `the prompt is recognised: ${found.likeness}`);
  assert.ok(secondsOf(recorded, 700) > 1.2, `${secondsOf(recorded, 700)} s of its tone`);
}

describe('with baresip', { concurrency: 3 }, () => {
  test('it calls by UDP', () => withAll('', rules, async (phone, telephone) => {
    const bert = await telephone({ account: `<sip:bert@127.0.0.1:${phone.port}>;regint=0`, say: tone(700, 20) });
    await conversation(phone, bert, `sip:intake@127.0.0.1:${phone.port}`);
  }));

  test('it calls by TCP, A-law alone', () => withAll('', rules, async (phone, telephone) => {
    const bert = await telephone({ account: `<sip:bert@127.0.0.1:${phone.port};transport=tcp>;regint=0`, say: tone(700, 20),
      codecs: 'PCMA' });
    await conversation(phone, bert, `sip:intake@127.0.0.1:${phone.port};transport=tcp`);
  }));

  test('it calls by TLS with SRTP, where nothing else is taken', () => withAll(`${secure}  srtp_only: true\n`, rules,
    async (phone, telephone) => {
      const uri = `sip:intake@127.0.0.1:${phone.tlsPort};transport=tls`;
      const plain = await telephone({ account: `<sip:bert@127.0.0.1:${phone.tlsPort};transport=tls>;regint=0`, say: tone(700, 1) });
      plain.say('dial', uri);
      assert.match((await plain.event('CALL_CLOSED')).param, /488/);
      const bert = await telephone({ account: `<sip:bert@127.0.0.1:${phone.tlsPort};transport=tls>;regint=0;mediaenc=srtp-mand`,
        say: tone(700, 20) });
      await conversation(phone, bert, uri);
      assert.equal((await phone.figures()).rtp_failed_total, 0);
    }));

  for (const mediaenc of ['srtp-mand', 'srtp', '']) {
    test(`a counsellor's softphone by TLS, ${mediaenc || 'without SRTP'}: both hear each other`, () => withAll(secure + staff,
      ['on incoming answer; hold segment=music@any seconds=60', 'on poll connect target=anna seconds=20 accept=accept',
        'on dropped hangup'], async (phone, telephone) => {
        const anna = await telephone({ account: `<sip:anna@127.0.0.1:${phone.tlsPort};transport=tls>;auth_pass=lang-genoeg;regint=300`
          + `${mediaenc ? `;mediaenc=${mediaenc}` : ''}`, codecs: 'PCMA', say: tone(1100, 30) });
        while ((await phone.figures()).softphones !== 1) await pause(100); // or the test's time is over
        const bert = await telephone({ account: `<sip:bert@127.0.0.1:${phone.port}>;regint=0`, codecs: 'PCMU', say: tone(700, 30) });
        bert.say('dial', `sip:intake@127.0.0.1:${phone.port}`);
        await bert.event('CALL_ESTABLISHED');
        await pause(1000);
        phone.say('poll');
        await anna.event('CALL_INCOMING');
        await phone.event(/event=ringing/);
        anna.say('accept');
        await anna.event('CALL_ESTABLISHED');
        await pause(1500);
        anna.say('sndcode', '1');
        await phone.event(/event=accepted/);
        await pause(3000);
        assert.equal((await phone.figures()).rtp_failed_total, 0);
        bert.say('hangup');
        await anna.event('CALL_CLOSED');
        await phone.event(/event=dropped .*cause=caller/);
        assert.ok(contains(bert.heard(), music), 'held');
        assert.ok(secondsOf(bert.heard(), 425) >= 0.5, 'it rang');
        assert.ok(secondsOf(bert.heard(), 1100) >= 2, `the caller heard ${secondsOf(bert.heard(), 1100)} s`);
        assert.ok(contains(anna.heard(), accept), 'asked');
        assert.ok(secondsOf(anna.heard(), 700) >= 2, `the counsellor heard ${secondsOf(anna.heard(), 700)} s`);
      }));
  }
});
