// A real OpenID provider on loopback (panva's oidc-provider): one client, people by name, no password. Its
// own signing keys; what it asserts of them is set by the tests. Shared by the scenario and browser tests.
import { generateKeyPairSync } from 'node:crypto';
import { createServer } from 'node:http';
import Provider from 'oidc-provider';
import { freePort } from './daemon.mjs';

const SECRET = 'an-agreed-secret/with:odd+characters&=';

export function newKey(kid, alg = 'ES256') {
  const { privateKey } = alg === 'EdDSA' ? generateKeyPairSync('ed25519')
    : alg === 'ES256' ? generateKeyPairSync('ec', { namedCurve: 'P-256' }) : generateKeyPairSync('rsa', { modulusLength: 2048 });
  return { ...privateKey.export({ format: 'jwk' }), kid, alg, use: 'sig' };
}

export class House {
  /** redirect: of the daemon; options: alg, method of the client. login: what it asserts of who signs in (acr, amr). */
  static async create(redirect, options = {}) {
    const house = new House();
    Object.assign(house, { redirect, alg: 'ES256', method: 'client_secret_basic', asked: [], ...options });
    house.port = options.port ?? await freePort();
    house.issuer = `http://127.0.0.1:${house.port}`;
    house.keys = [newKey('first', house.alg)];
    house.build();
    house.server = createServer((request, response) => house.answer(request, response));
    await new Promise((resolve) => { house.server.listen(house.port, '127.0.0.1', resolve); });
    return house;
  }

  /** Again with other keys, as after their rotation. */
  build() {
    const house = this;
    this.provider = new Provider(this.issuer, {
      clients: [{
        client_id: 'onthaal', redirect_uris: [this.redirect], response_types: ['code'], grant_types: ['authorization_code'],
        id_token_signed_response_alg: this.alg, token_endpoint_auth_method: this.method,
        ...(this.method !== 'none' && { client_secret: SECRET }),
      }],
      jwks: { keys: this.keys },
      cookies: { keys: ['a key of the test'] },
      pkce: { required: () => true, methods: ['S256'] },
      enabledJWA: { idTokenSigningAlgValues: ['RS256', 'PS256', 'ES256', 'EdDSA'] },
      acrValues: ['phr'],
      claims: { openid: ['sub', 'acr', 'amr', 'auth_time'] },
      features: { devInteractions: { enabled: false }, claimsParameter: { enabled: false } },
      conformIdTokenClaims: false,
      findAccount: (_, sub) => ({ accountId: sub, claims: () => ({ sub }) }),
      interactions: { url: (_, interaction) => `/interaction/${interaction.uid}` },
      async loadExistingGrant(ctx) { // nobody is asked for consent
        const grant = new ctx.oidc.provider.Grant({ clientId: ctx.oidc.client.clientId, accountId: ctx.oidc.session.accountId });
        grant.addOIDCScope('openid');
        await grant.save();
        return grant;
      },
    });
    this.provider.on('server_error', (_, error) => { this.fault = error; });
  }

  async answer(request, response) {
    const path = new URL(request.url, this.issuer).pathname;
    this.asked.push(`${request.method} ${path}`);
    if (path === '/favicon.ico') return void response.writeHead(204).end();
    if (this.instead && await this.instead(path, request, response)) return;
    const uid = path.match(/^\/interaction\/([^/]+)$/)?.[1];
    if (!uid) return void this.provider.callback()(request, response);
    const who = new URL(request.url, this.issuer).searchParams.get('who');
    if (!who) {
      response.setHeader('content-type', 'text/html; charset=utf-8');
      response.end(`<h1>House</h1><p><a href="/interaction/${uid}?who=anna">I am Anna</a> <a href="/interaction/${uid}?who=bert">I am Bert</a>
        <a href="/interaction/${uid}?who=nobody">Cancel</a></p>`);
      return;
    }
    await this.provider.interactionFinished(request, response, who === 'nobody' ? { error: 'access_denied', error_description: 'no' }
      : { login: { accountId: who, ...this.login } }, { mergeWithLastSubmission: false });
  }

  count(what) {
    return this.asked.filter((one) => one === what).length;
  }

  config(more = '') {
    return `oidc:\n  issuer: ${this.issuer}\n  client_id: onthaal\n  label: Huis\n${this.method === 'none' ? '' : `  client_secret: "${SECRET}"\n`}${more}`;
  }

  async stop() {
    this.server.closeAllConnections();
    await new Promise((resolve) => { this.server.close(resolve); });
  }
}

/** Debian 12's Node has them in one line alone; a comma with a blank behind it also stands in their dates. */
function setCookies(headers) {
  return headers.getSetCookie?.() ?? headers.get('set-cookie')?.split(/, (?=[^;,=]+=)/) ?? [];
}

/** What a browser does between our page and back: follows the provider's pages as `who`. Gives the address
 * it comes back to. */
export async function walk(url, who, jar = new Map()) {
  let next = url;
  for (let i = 0; i < 12; i++) {
    const answer = await fetch(next, { redirect: 'manual', headers: { cookie: [...jar].map(([name, value]) => `${name}=${value}`).join('; ') } });
    for (const cookie of setCookies(answer.headers)) {
      const [, name, value] = cookie.match(/^([^=]+)=([^;]*)/);
      if (value) jar.set(name, value);
      else jar.delete(name);
    }
    const location = answer.headers.get('location');
    const found = location ? undefined : (await answer.text()).match(/"(\/interaction\/[^"?]+)\?who/)?.[1];
    if (!location && !found) throw new Error(`${answer.status} at ${next}`);
    next = new URL(location ?? `${found}?who=${who}`, next).href;
    if (new URL(next).pathname === '/console/') return new URL(next);
  }
  throw new Error('the provider goes in a circle');
}
