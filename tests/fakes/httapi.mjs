// A stand-in for FreeSWITCH's mod_httapi: forms out, documents of work items in, and its ways: what is
// not 200 and text/xml leaves the application, and the dialplan asks once more; a key does not end a
// document, only what listens to it; digits are matched by its digit machine's rules; one-time fields go
// with one request; sounds are fetched by HEAD and GET. And of its mod_xml_rpc: one command in each address,
// always answered 200.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { Platform, promptOf, recordPrompts, said } from './platform.mjs';
import { wav } from './wav.mjs';

const require = createRequire(new URL('../ivr/package.json', import.meta.url));
const { SaxesParser } = require('saxes');

// Its work items as far as we use them: attributes, children, whether text stands inside. An item that
// it does not know ends the document there and leaves the application.
const COMMON = ['action', 'temp-action'];
const INPUT = [...COMMON, 'name', 'error-file', 'digit-timeout', 'input-timeout', 'loops', 'terminators'];
const GRAMMAR = {
  document: { attributes: ['type'], children: ['work'] },
  work: { attributes: [], children: ['playback', 'pause', 'record', 'dial', 'getVariable', 'continue', 'break', 'hangup'] },
  playback: { attributes: [...INPUT, 'file'], children: ['bind'] },
  pause: { attributes: [...INPUT, 'milliseconds'], children: ['bind'] },
  record: { attributes: [...COMMON, 'file', 'name', 'error-file', 'beep-file', 'digit-timeout', 'limit', 'silence-hits', 'threshold', 'terminators', 'loops'], children: ['bind'] },
  bind: { attributes: ['strip', 'action'], text: true },
  dial: { attributes: [...COMMON, 'context', 'dialplan', 'caller-id-name', 'caller-id-number'], text: true },
  getVariable: { attributes: [...COMMON, 'name', 'permanent'] },
  continue: { attributes: COMMON },
  break: { attributes: COMMON },
  hangup: { attributes: [...COMMON, 'cause'] },
};
const NUMBERS = { 'digit-timeout': [1, 60000], 'input-timeout': [1, 120000], milliseconds: [1, 120000] };
const CAUSES = ['USER_BUSY', 'CALL_REJECTED', 'NORMAL_CLEARING'];

/** A document as a tree, held against the grammar by a parser that is not ours. */
export function readWork(bytes) {
  const parser = new SaxesParser();
  const stack = [{ name: '', children: [] }];
  parser.on('error', (error) => { throw error; });
  parser.on('opentag', ({ name, attributes }) => {
    const parent = stack[stack.length - 1];
    const rule = GRAMMAR[name];
    assert.ok(rule, `mod_httapi knows no <${name}>`);
    if (parent.name) assert.ok(GRAMMAR[parent.name].children?.includes(name), `<${name}> in <${parent.name}>`);
    else assert.equal(name, 'document');
    for (const [key, value] of Object.entries(attributes)) {
      assert.ok(rule.attributes.includes(key), `${key} of <${name}>`);
      if (NUMBERS[key]) assert.ok(/^\d+$/.test(value) && +value >= NUMBERS[key][0] && +value <= NUMBERS[key][1], `${key}="${value}"`);
      // an @ would be taken for credentials, a ${} for a variable
      if (key === 'action') assert.match(value, /^https?:\/\/[^@$\s]+$/);
      if (key === 'cause') assert.ok(CAUSES.includes(value), value);
      if (key === 'file' && name === 'record') assert.match(value, /^\w+\.wav$/);
      else if (key === 'file') assert.match(value, /^(file_string:\/\/)?https?:\/\/[^@$\s]+$/);
    }
    const node = { name, attributes, children: [], text: '' };
    parent.children.push(node);
    stack.push(node);
  });
  parser.on('text', (text) => {
    const node = stack[stack.length - 1];
    if (node.name && GRAMMAR[node.name].text) node.text += text;
    else assert.equal(text.trim(), '', `text in <${node.name}>`);
  });
  parser.on('closetag', () => { stack.pop(); });
  parser.write(bytes).close();
  const [document] = stack[0].children;
  assert.equal(document.attributes.type, 'xml/freeswitch-httapi');
  assert.equal(document.children.length, 1);
  const items = document.children[0].children;
  assert.ok(items.length, 'no instructions: the application is left');
  // it goes on to the next item after a key: what listens must be the last
  items.forEach((item, i) => { if (item.children.length) assert.equal(i, items.length - 1, 'something after what listens'); });
  return items;
}

/** The digit machine: what keys give with these bindings; undefined when nothing was matched. Keys come
 * within the time between digits; after the last one that time runs out. */
export function matchDigits(binds, terminators, keys) {
  const bindings = binds.map(({ text, attributes }) => ({ strip: attributes.strip ?? '', ...(text[0] === '~' ? { regex: new RegExp(text.slice(1)) } : { literal: text }) }));
  const longest = bindings.some(({ regex }) => regex) ? 511 : Math.max(...bindings.map(({ literal }) => literal.length));
  const found = (binding, digits) => [...binding.strip].reduce((left, strip) => left.split(strip)[0], digits);
  let digits = '';
  const check = (whole, over) => {
    const matches = bindings.filter(({ regex }) => regex?.test(whole));
    const end = [...(terminators ?? '')].find((key) => whole.includes(key));
    const cut = end === undefined ? whole : whole.slice(0, whole.lastIndexOf(end));
    const timeout = over || end !== undefined;
    for (const binding of bindings) {
      if (binding.regex) {
        if (matches.includes(binding) && (timeout || bindings.length === 1)) return found(binding, cut);
      } else if (binding.literal === cut) {
        const begun = bindings.filter(({ literal }) => literal?.startsWith(cut)).length;
        if (timeout || (begun === 1 && !bindings.some(({ regex }) => regex))) return found(binding, cut);
      }
    }
    return undefined;
  };
  for (const key of keys) {
    if (digits.length === longest) return undefined;
    digits += key;
    const match = check(digits, false);
    if (match !== undefined) return match;
  }
  return digits ? check(digits, true) : undefined;
}

/** "{a=b,c='d e'}[f=g]sofia/gateway/x/1" → its variables and where it goes. */
export function readDialString(text) {
  const variables = {};
  let rest = text;
  for (let match; (match = rest.match(/^[{[]([^}\]]*)[}\]]/)); rest = rest.slice(match[0].length))
    for (const part of match[1].match(/(?:[^,']|'[^']*')+/g)) {
      const [, name, value] = part.match(/^([a-z_]+)=(.*)$/);
      variables[name] = value.replace(/^'(.*)'$/, '$1');
    }
  assert.match(rest, /^[a-z]+\/[A-Za-z0-9+:@._;=/-]+$/, 'one destination, and nothing that a dial string is made of');
  return { variables, destination: rest };
}

const OVER = { kind: 'over' };
const DISPOSITIONS = { busy: 'USER_BUSY', 'no-answer': 'NO_ANSWER', failed: 'UNALLOCATED_NUMBER', completed: 'SUCCESS', declined: 'NORMAL_CLEARING' };

export class Httapi extends Platform {
  recordings = new Map();

  rate = 8000; // of the callers' codec

  fetched = new Set();

  configuration() {
    return `    - {name: ${this.line}, kind: httapi, user: freeswitch, secrets: [old secret, ${this.secret}], account: carrier${this.more}}\n`;
  }

  /** Music that is longer than a piece: twelve seconds. */
  recordPrompts(daemon) {
    recordPrompts(daemon);
    const sound = Buffer.alloc(12 * 16000);
    const head = Buffer.from('RIFF----WAVEfmt \x10\0\0\0\x01\0\x01\0\x40\x1f\0\0\x80\x3e\0\0\x02\0\x10\0data----', 'latin1');
    head.writeUInt32LE(36 + sound.length, 4);
    head.writeUInt32LE(sound.length, 40);
    writeFileSync(join(daemon.folder, 'recorded', 'any', 'hold.wav'), Buffer.concat([head, sound]));
  }

  get more() {
    return `, api_url: "${this.api}", password: rpc secret`;
  }

  nameOf(n) {
    return `5b1a6f3e-0000-4000-8000-${String(n).padStart(12, '0')}`;
  }

  get root() {
    return `${this.publicUrl}/ivr/${this.line}`;
  }

  /** What it sends about every channel, the caller's number in several places. */
  fields(call, more = {}) {
    return {
      session_id: call.id, hostname: 'switch.invalid', url: call.url ?? this.root, 'Caller-Direction': call.incoming ? 'inbound' : 'outbound',
      'Caller-Username': call.from, 'Caller-Dialplan': 'XML', 'Caller-Caller-ID-Name': `"${call.from}" <é>`, 'Caller-Caller-ID-Number': call.from,
      'Caller-Orig-Caller-ID-Number': call.from, 'Caller-ANI': call.from, 'Caller-Destination-Number': '+3220000000', 'Caller-Unique-ID': call.id,
      'Caller-Source': 'mod_sofia', 'Caller-Context': 'public', 'Caller-Channel-Name': `sofia/external/${call.from}@carrier.invalid`, ...more,
    };
  }

  get authorization() {
    return `Basic ${Buffer.from(`freeswitch:${this.secret}`).toString('base64')}`;
  }

  async hook(url, fields) {
    const { authorization } = this;
    return this.post(url, new URLSearchParams(fields).toString(), {
      'content-type': 'application/x-www-form-urlencoded', cookie: `HTTAPI_SESSION_ID=${fields.session_id}`, authorization,
    });
  }

  /** With a file: every field is a part, as libcurl writes them; what is one-time stands last. */
  form(fields, name, filename, bytes, more = {}) {
    const boundary = `------------------------${randomBytes(8).toString('hex')}`;
    const part = (key, value) => `--${boundary}\r\nContent-Disposition: form-data; name="${key.replace(/"/g, '%22')}"\r\n\r\n${value}\r\n`;
    return {
      type: `multipart/form-data; boundary=${boundary}`,
      body: Buffer.concat([
        Buffer.from(Object.entries(fields).map(([key, value]) => part(key, value)).join('')),
        Buffer.from(`--${boundary}\r\nContent-Disposition: form-data; name="${name}"; filename="${filename}"\r\nContent-Type: application/octet-stream\r\n\r\n`),
        bytes, Buffer.from(`\r\n${Object.entries(more).map(([key, value]) => part(key, value)).join('')}--${boundary}--\r\n`),
      ]),
    };
  }

  /** <record> has ended: the next request brings its file, and it is deleted whatever is answered. */
  async bring(call, recording, more) {
    const { name, file } = call.waits;
    const { type, body } = this.form(this.fields(call), name, file, recording.bytes, more);
    const asked = call.begin();
    const answer = await this.post(call.url, body, { 'content-type': type, authorization: this.authorization });
    if (more) call.waits = OVER;
    if (!call.current(asked)) return undefined;
    assert.equal(answer.status, 200, `${call.url} answered ${answer.status}: ${answer.bytes}`);
    return more ? undefined : this.run(call, answer.bytes);
  }

  recorded(call, seconds) {
    const recording = said(seconds, this.rate);
    this.recordings.set(call.id, recording);
    return this.bring(call, recording);
  }

  saidAndGone(call, seconds) {
    const recording = said(seconds, this.rate);
    this.recordings.set(call.id, recording);
    call.left = true;
    return this.bring(call, recording, { exiting: 'true' });
  }

  async forgets(world, id) {
    if (await world.metric('recordings_waiting') === 0) this.recordings.delete(id);
  }

  /** As config/freeswitch/dialplan.xml: what left the application without a hangup asks once more, where it was. */
  async ask(call, more) {
    const asked = call.begin();
    const answer = await this.hook(call.url, this.fields(call, more));
    if (!call.current(asked)) return undefined;
    assert.equal(answer.status, 200, `${call.url} answered ${answer.status}: ${answer.bytes}`);
    assert.match(answer.type, /text\/xml/);
    return this.run(call, answer.bytes);
  }

  async sounds(item) {
    const { file } = item.attributes;
    if (!file) return [];
    const all = file.startsWith('file_string://') ? file.slice(14).split('!') : [file];
    const urls = all.filter((url) => !url.startsWith('silence_stream://'));
    // one that cannot be fetched is left out of several; alone it ends the application if keys are listened to
    if (item.children.length) assert.ok(urls.length < all.length, 'nothing would be left');
    for (const url of urls) {
      if (this.fetched.has(url)) continue;
      for (const method of ['HEAD', 'GET']) {
        const answer = await fetch(url.replace(this.publicUrl, this.url), { method });
        assert.equal(answer.status, 200, `${method} ${url}`);
        assert.match(answer.headers.get('content-type'), /^audio\/(x-)?wave?/);
      }
      this.fetched.add(url);
    }
    return urls.map((url) => promptOf(url.replace(/\.\d+-\d+\.wav$/, '.wav')));
  }

  async run(call, bytes) {
    call.documents.push(bytes);
    call.waits = OVER;
    for (const item of readWork(bytes)) {
      const { attributes } = item;
      if (attributes.action) call.url = attributes.action;
      if (item.name === 'playback' || item.name === 'pause') {
        const heard = await this.sounds(item);
        const segment = heard.find((sound) => sound.startsWith('any/'));
        call.heard.push(...heard.filter((sound) => sound !== segment));
        if (item.children.length) {
          const regex = item.children.some(({ text }) => text[0] === '~');
          call.waits = {
            kind: segment ? 'hold' : regex ? 'collect' : 'menu', segment, binds: item.children, name: attributes.name, terminators: attributes.terminators,
            seconds: Number(attributes['input-timeout'] ?? attributes.milliseconds) / 1000,
          };
          return undefined;
        }
      }
      if (item.name === 'record') {
        assert.match(attributes['beep-file'], /^tone_stream:\/\/%\(\d+,\d+,\d+\)$/); // one that fails leaves the recording out
        assert.ok(item.children.some(({ text }) => text === '#'));
        call.waits = { kind: 'record', most: +attributes.limit, finish: '#', name: attributes.name, file: attributes.file };
        return undefined;
      }
      if (item.name === 'dial') {
        call.waits = this.dial(item);
        return undefined;
      }
      if (item.name === 'hangup') {
        call.waits = { ...OVER, rejected: attributes.cause !== undefined };
        return this.exiting(call);
      }
      if (item.name === 'break') {
        call.waits = OVER; // the dialplan goes on, and here it has nothing more
        return this.exiting(call);
      }
    }
    return this.ask(call); // done: it asks again
  }

  /** A bridge, whose answer tells how it went; see `dial-full-originate` and `get-vars` of its profile. */
  dial(item) {
    const { variables, destination } = readDialString(item.text);
    const target = destination.replace(/^(sofia\/gateway\/carrier|sofia\/external|user)\//, '');
    assert.notEqual(target, destination, destination);
    assert.equal(variables.origination_caller_id_number, item.attributes['caller-id-number'], 'both ways to say who calls');
    assert.equal(variables.ignore_display_updates, 'true');
    assert.equal(variables.httapi_profile, 'onthaal');
    const [application, url] = (variables.group_confirm_file ?? '').split(' ');
    if (variables.group_confirm_key) assert.deepEqual([variables.group_confirm_key, application], ['exec', 'httapi']);
    return { kind: 'connect', target, cli: variables.origination_caller_id_number, seconds: +variables.originate_timeout, action: item.attributes.action, url, leg: 'ringing' };
  }

  begin(call) {
    call.dialled?.(`+OK ${call.id}\n`);
    call.url = call.firstUrl ?? this.root;
    return this.ask(call);
  }

  keys(call, keys) {
    const { binds, terminators, name } = call.waits;
    const finished = terminators && keys.length > 1 ? `${keys}${terminators[0]}` : keys;
    const found = matchDigits(binds, terminators, finished);
    assert.notEqual(found, undefined, `${keys} is not matched`);
    return this.ask(call, { [name]: found, input_type: 'dtmf' });
  }

  timeout(call) { // quiet is brought as well
    if (call.waits.kind === 'record') return this.bring(call, { bytes: wav(new Int16Array(11 * 8000)) });
    return this.ask(call);
  }

  async exiting(call) {
    call.waits = { ...call.waits, kind: 'over' };
    await this.hook(call.url ?? this.root, this.fields(call, { exiting: 'true' }));
  }

  async gone(call) {
    if (call.dialled && !call.url) call.dialled('-ERR NO_ANSWER\n'); // nothing ran there, so nothing is exiting
    else await this.exiting(call);
  }

  dropped(call, status) {
    if (call.other) this.legOver(call);
    return this.ask(call, { originate_disposition: DISPOSITIONS[status] });
  }

  /** The leg's own channel reports its end as well, in whatever order. */
  legOver(call) {
    const { id, url } = call.other;
    call.other = undefined;
    this.soon(() => this.hook(url, { ...this.fields(call), session_id: id, exiting: 'true' }));
  }

  async leg(call, what) {
    if (what !== 'answer') return this.dropped(call, what);
    const { url } = call.waits;
    if (!url) {
      call.waits.leg = 'joined';
      return undefined;
    }
    call.other = { id: `${call.id.slice(0, -1)}b`, url };
    return this.legAsk(call, {});
  }

  async legAsk(call, more) {
    const { status, type, bytes } = await this.hook(call.other.url, { ...this.fields(call), session_id: call.other.id, 'Caller-Caller-ID-Number': '+3220000000', ...more });
    assert.equal(status, 200);
    assert.match(type, /text\/xml/);
    const [item] = readWork(bytes);
    if (call.waits.kind !== 'connect') return; // the caller left meanwhile
    if (item.name === 'break') {
      call.waits.leg = 'joined'; // a channel that is up when its application ends
    } else if (item.name === 'hangup') {
      await this.dropped(call, 'declined');
    } else {
      call.other.url = item.attributes.action;
      call.other.item = item;
      call.waits.leg = 'asked';
      call.legHeard = await this.sounds(item);
    }
  }

  legKeys(call, keys) {
    const { item } = call.other;
    return this.legAsk(call, keys ? { [item.attributes.name]: matchDigits(item.children, item.attributes.terminators, keys), input_type: 'dtmf' } : {});
  }

  legGone(call) {
    assert.equal(call.waits.leg, 'joined');
    return this.dropped(call, 'completed');
  }

  async onRest({ method, path, headers }) {
    assert.equal(headers.authorization, `Basic ${Buffer.from('freeswitch:rpc secret').toString('base64')}`);
    const [, command, args] = path.match(/^\/txtapi\/([a-z_]+)\?([^?&+]+)$/) ?? [];
    assert.equal(method, 'GET');
    const bytes = await this.command(command, decodeURIComponent(args).match(/(?:[^ ']|'[^']*')+/g));
    return { bytes, type: 'text/plain' };
  }

  async command(command, [id, ...more]) {
    if (command === 'originate') return this.originate(id, more);
    const call = this.calls.get(id);
    const there = call && !['over', 'new'].includes(call.waits.kind);
    if (command === 'uuid_exists') return there ? 'true' : 'false';
    if (call?.dialled && !call.url && command === 'uuid_kill') { // while it rings
      call.waits = OVER;
      call.dialled('-ERR NORMAL_CLEARING\n');
      return '+OK\n';
    }
    if (!there) return '-ERR No such channel!\n';
    if (command === 'uuid_kill') {
      this.soon(async () => { if (call.waits.kind !== 'over') await this.exiting(call); });
    } else {
      assert.equal(command, 'uuid_transfer');
      const [, url] = more[0].match(/^httapi:(https?:[^,]+),sleep:3000,httapi:$/);
      assert.equal(more[1], 'inline');
      this.soon(async () => {
        if (call.waits.kind === 'over') return;
        if (call.other) this.legOver(call);
        call.url = url;
        await this.ask(call);
      });
    }
    return '+OK\n';
  }

  /** Answered when the telephone was taken up, or will not be. */
  originate(string, [application, ...rest]) {
    const { variables, destination } = readDialString(string);
    const [, url] = application.match(/^&httapi\(([^)]+)\)$/);
    assert.deepEqual(rest, []);
    assert.equal(variables.httapi_profile, 'onthaal');
    assert.match(variables.origination_uuid, /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    const call = this.call({ from: variables.origination_caller_id_number, to: destination.replace('sofia/gateway/carrier/', ''), incoming: false });
    this.calls.delete(call.id);
    call.id = variables.origination_uuid;
    this.calls.set(call.id, call);
    call.firstUrl = url;
    this.origins.push(call);
    return new Promise((resolve) => { call.dialled = resolve; });
  }
}

/** Without mod_xml_rpc: nothing can be asked of it but in an answer. */
export class HttapiAlone extends Httapi {
  interrupts = false;

  get more() {
    return '';
  }
}
