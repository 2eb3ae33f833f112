// A stand-in for Twilio Voice, SignalWire's compatible interface and Somleng: form out, TwiML in, REST.
import assert from 'node:assert/strict';
import { createHmac, randomFillSync } from 'node:crypto';
import { createRequire } from 'node:module';
import { Platform, promptOf } from './platform.mjs';
import { wav } from './wav.mjs';

const require = createRequire(new URL('../ivr/package.json', import.meta.url));
const { SaxesParser } = require('saxes');

// What each dialect's documents may hold: verb → attributes and children. Theirs, not ours: a verb that
// is not listed stops the document there.
const GRAMMAR = {
  Response: { attributes: [], children: ['Play', 'Say', 'Pause', 'Gather', 'Redirect', 'Dial', 'Record', 'Reject', 'Hangup'] },
  Play: { attributes: ['loop'], text: true },
  Say: { attributes: ['language', 'voice', 'loop'], text: true },
  Pause: { attributes: ['length'] },
  Gather: { attributes: ['input', 'method', 'actionOnEmptyResult', 'numDigits', 'timeout', 'finishOnKey', 'action'], children: ['Play', 'Say', 'Pause'] },
  Redirect: { attributes: ['method'], text: true },
  Dial: { attributes: ['method', 'timeout', 'answerOnBridge', 'callerId', 'action'], children: ['Number', 'Sip'] },
  Number: { attributes: ['method', 'url', 'statusCallbackEvent', 'statusCallbackMethod', 'statusCallback'], text: true },
  Sip: { attributes: ['method', 'url', 'statusCallbackEvent', 'statusCallbackMethod', 'statusCallback'], text: true },
  Record: { attributes: ['method', 'playBeep', 'maxLength', 'finishOnKey', 'action'] },
  Reject: { attributes: ['reason'] },
  Hangup: { attributes: [] },
};
const SOMLENG = structuredClone(GRAMMAR);
for (const verb of ['Response', 'Gather']) SOMLENG[verb].children = SOMLENG[verb].children.filter((child) => child !== 'Pause');
delete SOMLENG.Pause;
SOMLENG.Dial.attributes = ['method', 'timeout', 'callerId', 'action'];
for (const noun of ['Number', 'Sip']) SOMLENG[noun].attributes = [];
const NUMBERS = { numDigits: [1, 99], timeout: [0, 600], length: [1, 120], maxLength: [1, 3600] };

/** A document as a tree, held against the dialect's grammar by a parser that is not ours. */
export function readTwiml(bytes, dialect = 'twilio') {
  const grammar = dialect === 'somleng' ? SOMLENG : GRAMMAR;
  const parser = new SaxesParser();
  const stack = [{ name: '', children: [] }];
  parser.on('error', (error) => { throw error; });
  parser.on('opentag', ({ name, attributes }) => {
    const parent = stack[stack.length - 1];
    const rule = grammar[name];
    assert.ok(rule, `${dialect} knows no <${name}>`);
    if (parent.name) assert.ok(grammar[parent.name].children?.includes(name), `<${name}> in <${parent.name}>`);
    else assert.equal(name, 'Response');
    for (const [key, value] of Object.entries(attributes)) {
      assert.ok(rule.attributes.includes(key), `${key} of <${name}>`);
      if (NUMBERS[key]) assert.ok(/^\d+$/.test(value) && +value >= NUMBERS[key][0] && +value <= NUMBERS[key][1], `${key}="${value}"`);
      if (key === 'action' || key === 'url' || key === 'statusCallback') assert.match(value, /^https?:\/\//, `${key} is absolute`);
    }
    const node = { name, attributes, children: [], text: '' };
    parent.children.push(node);
    stack.push(node);
  });
  parser.on('text', (text) => {
    const node = stack[stack.length - 1];
    if (node.name && grammar[node.name].text) node.text += text;
    else assert.equal(text.trim(), '', `text in <${node.name}>`);
  });
  parser.on('closetag', () => { stack.pop(); });
  parser.write(bytes).close();
  assert.equal(stack[0].children.length, 1);
  return stack[0].children[0];
}

const OVER = { kind: 'over' };

export class Twilio extends Platform {
  dialect = 'twilio';
  recordings = new Map();
  recorded_count = 0;

  configuration() {
    return `    - {name: ${this.line}, kind: twilio, dialect: ${this.dialect}, account: AC1, secrets: [old secret, ${this.secret}], password: rest secret, api_url: "${this.api}"}\n`;
  }

  nameOf(n) {
    return `CA${String(n).padStart(32, '0')}`;
  }

  get root() {
    return `${this.publicUrl}/ivr/${this.line}`;
  }

  /** As the platform documents it; the judges sign besides. */
  sign(url, fields) {
    const keys = [...new Set(fields.map(([key]) => key))].sort();
    const all = keys.map((key) => {
      const values = fields.filter(([name]) => name === key).map(([, value]) => value);
      return this.dialect === 'signalwire' ? values.map((value) => key + value).join('') : [...new Set(values)].sort().map((value) => key + value).join('');
    });
    return createHmac('sha1', this.secret).update(url + all.join('')).digest('base64');
  }

  async hook(url, fields) {
    const body = new URLSearchParams(fields).toString();
    const header = this.dialect === 'signalwire' ? 'x-signalwire-signature' : 'x-twilio-signature';
    const answer = await this.post(url, body, { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8', [header]: this.sign(url, fields) });
    assert.ok(answer.status < 400, `${url} answered ${answer.status}: ${answer.bytes}`);
    return answer;
  }

  fields(call, more = {}) {
    return Object.entries({
      CallSid: call.id, AccountSid: 'AC1', From: call.from, To: '+3220000000', Caller: call.from, Called: '+3220000000',
      CallStatus: 'in-progress', ApiVersion: '2010-04-01', Direction: 'inbound', FromCity: 'Liège & "co" <1>', ...more,
    });
  }

  async ask(call, url, more) {
    const asked = call.begin();
    const { bytes, type } = await this.hook(url, this.fields(call, more));
    assert.match(type, /^text\/xml/);
    if (call.current(asked)) await this.run(call, bytes);
  }

  async run(call, bytes) {
    const document = readTwiml(bytes, this.dialect);
    call.documents.push(bytes);
    call.waits = OVER;
    for (const verb of document.children) {
      if (verb.name === 'Play' || verb.name === 'Say') call.heard.push(this.sound(verb));
      if (verb.name === 'Pause') continue;
      if (verb.name === 'Gather') {
        call.waits = this.gather(call, verb);
        return;
      }
      if (verb.name === 'Redirect') return this.ask(call, verb.text);
      if (verb.name === 'Dial') {
        call.waits = this.dial(verb);
        return undefined;
      }
      if (verb.name === 'Record') {
        call.waits = { kind: 'record', most: +verb.attributes.maxLength, finish: verb.attributes.finishOnKey, action: verb.attributes.action, next: document.children[document.children.indexOf(verb) + 1].text };
        return undefined;
      }
      if (verb.name === 'Hangup' || verb.name === 'Reject') {
        call.waits = { ...OVER, rejected: verb.name === 'Reject' };
        return this.status(call);
      }
    }
    return this.status(call); // the end of the document
  }

  sound(verb) {
    return verb.name === 'Play' ? promptOf(verb.text) : verb.text;
  }

  gather(call, verb) {
    const { numDigits, finishOnKey, action, timeout } = verb.attributes;
    const sounds = verb.children.filter((child) => child.name !== 'Pause').map((child) => this.sound(child));
    const music = sounds.find((sound) => sound.startsWith('any/'));
    call.heard.push(...sounds.filter((sound) => sound !== music));
    const hold = music !== undefined || verb.children.some((child) => child.name === 'Pause');
    return { kind: hold ? 'hold' : +numDigits > 1 ? 'collect' : 'menu', most: +numDigits, finish: finishOnKey, seconds: +timeout, segment: music, action };
  }

  dial(verb) {
    const [noun] = verb.children;
    return {
      kind: 'connect', target: noun.text, cli: verb.attributes.callerId ?? '', seconds: +verb.attributes.timeout, action: verb.attributes.action,
      url: noun.attributes.url, answered: noun.attributes.statusCallback, leg: 'ringing',
    };
  }

  begin(call) {
    return this.ask(call, call.firstUrl ?? this.root, { CallStatus: call.incoming ? 'ringing' : 'in-progress', Direction: call.incoming ? 'inbound' : 'outbound-api' });
  }

  keys(call, keys) {
    return this.ask(call, call.waits.action, { Digits: keys });
  }

  timeout(call) {
    return call.waits.kind === 'record' ? this.ask(call, call.waits.next) : this.ask(call, call.waits.action, { Digits: '' });
  }

  recorded(call, seconds) {
    const sid = `RE${++this.recorded_count}`;
    this.recordings.set(sid, { late: this.unready ?? 1, bytes: wav(randomFillSync(new Int16Array(seconds * 8000))) });
    return this.ask(call, call.waits.action, { RecordingSid: sid, RecordingUrl: `${this.api}/${sid}`, RecordingDuration: String(seconds), Digits: '#' });
  }

  async status(call) {
    call.waits = { ...call.waits, kind: 'over' };
    await this.hook(`${this.root}/s`, this.fields(call, { CallStatus: 'completed' }));
  }

  async gone(call, was) {
    if (was.kind === 'connect') await this.hook(was.action, this.fields(call, { CallStatus: 'completed', DialCallStatus: was.leg === 'joined' ? 'completed' : 'canceled' }));
    await this.status(call);
  }

  legFields(call, more) {
    return this.fields(call, { CallSid: `${call.id.slice(0, -1)}b`, ParentCallSid: call.id, From: '+3220000000', Direction: 'outbound-dial', ...more });
  }

  async dropped(call, status) {
    const { action } = call.waits;
    await this.ask(call, action, { DialCallStatus: status, DialCallSid: `${call.id.slice(0, -1)}b` });
  }

  async leg(call, what) {
    if (what !== 'answer') return this.dropped(call, what);
    const { url, answered } = call.waits;
    if (answered) await this.hook(answered, this.legFields(call, { CallStatus: 'in-progress' }));
    if (!url) {
      call.waits.leg = 'joined';
      return undefined;
    }
    return this.legAsk(call, url, {});
  }

  async legAsk(call, url, more) {
    const { bytes } = await this.hook(url, this.legFields(call, more));
    const [verb] = readTwiml(bytes, this.dialect).children;
    if (call.waits.kind !== 'connect') return; // the caller left meanwhile
    if (!verb) {
      call.waits.leg = 'joined';
    } else if (verb.name === 'Gather') {
      call.waits.leg = 'asked';
      call.waits.legAction = verb.attributes.action;
      call.legHeard = verb.children.map((child) => this.sound(child));
    } else {
      assert.equal(verb.name, 'Hangup');
      await this.dropped(call, 'completed');
    }
  }

  legKeys(call, keys) {
    return this.legAsk(call, call.waits.legAction, { Digits: keys });
  }

  legGone(call) {
    assert.equal(call.waits.leg, 'joined');
    return this.dropped(call, 'completed');
  }

  async onRest({ method, path, headers, body }) {
    assert.equal(headers.authorization, `Basic ${Buffer.from('AC1:rest secret').toString('base64')}`);
    const form = new URLSearchParams(body);
    const [, sid, type] = path.match(/^\/2010-04-01\/Accounts\/AC1\/Recordings\/([^/]+)\.(wav|json)$/) ?? [];
    if (sid) return this.onRecording(method, sid, type);
    if (method === 'POST' && path === '/2010-04-01/Accounts/AC1/Calls.json') {
      const call = this.call({ from: '+3220000000', to: form.get('To'), incoming: false });
      call.firstUrl = form.get('Url');
      this.origins.push(call);
      return { status: 201, json: { sid: call.id, status: 'queued' } };
    }
    const call = this.calls.get(path.match(/^\/2010-04-01\/Accounts\/AC1\/Calls\/([^/]+)\.json$/)?.[1]);
    if (!call) return { status: 404, json: { code: 20404 } };
    if (method === 'POST' && form.get('Url')) this.soon(() => this.redirected(call, form.get('Url')));
    if (method === 'POST' && form.get('Status') === 'completed') this.soon(async () => { if (call.waits.kind !== 'over') await this.status(call); });
    return { json: { sid: call.id, status: call.waits.kind === 'over' ? 'completed' : 'in-progress' } };
  }

  onRecording(method, sid, type) {
    const recording = this.recordings.get(sid);
    if (!recording || (type === 'wav' && recording.late-- > 0)) return { status: 404, json: { code: 20404 } };
    if (method === 'GET' && type === 'wav') return { bytes: recording.bytes, type: 'audio/x-wav' };
    assert.equal(`${method} ${type}`, 'DELETE json');
    this.recordings.delete(sid);
    return { status: 204, json: {} };
  }

  async redirected(call, url) {
    if (call.waits.kind === 'over') return;
    await this.ask(call, url);
  }
}

export class SignalWire extends Twilio {
  dialect = 'signalwire';
}

export class Somleng extends Twilio {
  dialect = 'somleng';
}
