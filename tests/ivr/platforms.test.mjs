// What README and config/freeswitch say of connecting a platform: in at most ten lines, and the configuration
// that stands there is good, with the warnings that its words answer.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { after, before, describe, test } from 'node:test';
import { BINARY, Daemon } from '../browser/daemon.mjs';

const { SaxesParser } = createRequire(new URL('./package.json', import.meta.url))('saxes');
const readme = readFileSync('README.md', 'utf8');
const section = (platform) => {
  const [, text] = readme.match(new RegExp(`^\\*\\*${platform}\\*\\*[^\\n]*\\n\\n((?:.*\\n)*?)\\n\\*\\*`, 'm')) ?? [];
  assert.ok(text, `README says nothing of ${platform}`);
  return text.trimEnd().split('\n');
};

let daemon;
before(async () => { daemon = await Daemon.create(); });
after(() => daemon.remove());

describe('a platform is connected', () => {
  for (const [platform, warning] of [['Twilio'], ['jambonz'], ['FreeSWITCH', /:8: telephone\.lines\.0\.secrets: can be guessed/], ['Asterisk', /:8: telephone\.lines\.0\.api_url: .*outbox\.allow_private: true/]])
    test(platform, () => {
      const lines = section(platform);
      assert.ok(lines.length <= 10, `${lines.length} lines`);
      for (const line of lines) assert.ok(line.length <= 130, line);
      const [, line] = lines.join(' ').replace(/\s+/g, ' ').match(/`(\{name: [^`]*\})`/);
      daemon.configure(`telephone:\n  public_url: https://phone.example.org\n  caller_id: "+3220000000"\n  lines:\n    - ${line}\n`);
      const { status, stderr } = spawnSync(BINARY, ['check', '--data', daemon.folder], { encoding: 'utf8' });
      assert.equal(status, 0, stderr);
      const warnings = stderr.split('\n').filter((text) => text && !text.includes('prompts have no sound'));
      assert.equal(warnings.length, warning ? 1 : 0, stderr);
      if (warning) assert.match(warnings[0], warning);
    });
});

/** [element, attributes] in order. */
function elements(path) {
  const all = [];
  const parser = new SaxesParser();
  parser.on('error', (error) => { throw error; });
  parser.on('opentag', ({ name, attributes }) => { all.push([name, attributes]); });
  parser.write(readFileSync(path, 'utf8')).close();
  return all;
}

test('FreeSWITCH: its profile is the one that we name, and may do what our documents need', () => {
  const all = elements('config/freeswitch/httapi.xml');
  assert.equal(all[0][0], 'profile');
  assert.equal(all[0][1].name, 'onthaal');
  const named = (element) => Object.fromEntries(all.filter(([name]) => name === element).map(([, { name, value }]) => [name, value]));
  assert.deepEqual(named('permission'), { 'dial-full-originate': 'true', 'get-vars': 'true' });
  assert.deepEqual(named('variable'), { originate_disposition: undefined });
  const { 'gateway-url': url, 'gateway-credentials': who, method, timeout, ...tls } = named('param');
  assert.equal(url, 'https://phone.example.org/ivr/freeswitch');
  assert.equal(who, 'freeswitch:a long secret');
  assert.equal(method, 'POST');
  assert.ok(timeout > 0);
  assert.deepEqual(tls, { 'enable-cacert-check': 'true', 'enable-ssl-verifyhost': 'true' });
});

test('FreeSWITCH: the dialplan answers, names the profile, and asks once more', () => {
  const actions = elements('config/freeswitch/dialplan.xml').filter(([name]) => name === 'action').map(([, { application, data }]) => [application, data]);
  const applications = actions.map(([application]) => application);
  assert.deepEqual(applications.filter((application) => application !== 'set'), ['answer', 'httapi', 'sleep', 'httapi', 'playback']);
  const set = Object.fromEntries(actions.filter(([application]) => application === 'set').map(([, data]) => data.split(/=(.*)/)));
  assert.equal(set.httapi_profile, 'onthaal');
  assert.equal(set.continue_on_fail, 'true');
  assert.equal(set.hangup_after_bridge, 'false');
  assert.ok(applications.lastIndexOf('set') < applications.indexOf('httapi'));
  assert.doesNotMatch(readFileSync('config/freeswitch/dialplan.xml', 'utf8'), /X-PRE-PROCESS/, 'it would be executed in a comment too');
});
