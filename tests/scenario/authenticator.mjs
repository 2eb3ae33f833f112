// An authenticator in software, by node:crypto alone: makes passkeys and signs with them, and lies where
// a test wants it to (`more`: of one answer).
import { createHash, generateKeyPairSync, randomBytes, sign } from 'node:crypto';

const PRESENT = 1;
const VERIFIED = 4;
const ATTESTED = 64;
const sha256 = (bytes) => createHash('sha256').update(bytes).digest();
const head = (major, length) => (length < 24 ? Buffer.from([major | length]) : length < 256 ? Buffer.from([major | 24, length]) : Buffer.from([major | 25, length >> 8, length & 255]));
const bytes = (value) => Buffer.concat([head(0x40, value.length), value]);
const coordinate = (jwk, name) => bytes(Buffer.from(jwk[name], 'base64url'));

/** COSE (RFC 9053) of each algorithm, and how it signs. */
const KINDS = {
  es256: {
    make: () => generateKeyPairSync('ec', { namedCurve: 'P-256' }), hash: 'sha256',
    cose: (jwk) => Buffer.concat([Buffer.from('a501020326200121', 'hex'), coordinate(jwk, 'x'), Buffer.from('22', 'hex'), coordinate(jwk, 'y')]),
  },
  eddsa: {
    make: () => generateKeyPairSync('ed25519'), hash: null,
    cose: (jwk) => Buffer.concat([Buffer.from('a401010327200621', 'hex'), coordinate(jwk, 'x')]),
  },
  rs256: {
    make: () => generateKeyPairSync('rsa', { modulusLength: 2048 }), hash: 'sha256',
    cose: (jwk) => Buffer.concat([Buffer.from('a401030339010020', 'hex'), coordinate(jwk, 'n'), Buffer.from('21', 'hex'), coordinate(jwk, 'e')]),
  },
};

export class Authenticator {
  constructor(origin, kind = 'es256') {
    Object.assign(this, { origin, rp: new URL(origin).hostname, kind: KINDS[kind], credential: randomBytes(32), count: 0, ...KINDS[kind].make() });
  }

  client(type, challenge, { origin = this.origin, ...more } = {}) {
    return Buffer.from(JSON.stringify({ type, challenge, origin, crossOrigin: false, ...more }));
  }

  data(flags, attested = Buffer.alloc(0), rp = this.rp) {
    const count = Buffer.alloc(4);
    count.writeUInt32BE(this.count);
    return Buffer.concat([sha256(rp), Buffer.from([flags]), count, attested]);
  }

  /** What `passkey-add` takes, for what `passkey-new` gave. */
  create({ challenge, user }, { flags = PRESENT | VERIFIED, type = 'webauthn.create', ...more } = {}) {
    this.user = user;
    const id = Buffer.concat([Buffer.alloc(16), Buffer.from([this.credential.length >> 8, this.credential.length & 255]), this.credential]);
    const cose = this.kind.cose(this.publicKey.export({ format: 'jwk' }));
    return {
      client: this.client(type, challenge, more).toString('base64url'),
      data: this.data(flags | ATTESTED, Buffer.concat([id, cose])).toString('base64url'),
    };
  }

  /** What `passkey-in` and `passkey-unlock` take, for what `passkey` gave. */
  get({ challenge }, { flags = PRESENT | VERIFIED, type = 'webauthn.get', rp, user = this.user, forge = false, ...more } = {}) {
    const client = this.client(type, challenge, more);
    const data = this.data(flags, undefined, rp);
    const signature = sign(this.kind.hash, Buffer.concat([data, sha256(client)]), this.privateKey);
    if (forge) signature[signature.length - 1] ^= 1;
    return {
      credential: this.credential.toString('base64url'), client: client.toString('base64url'), data: data.toString('base64url'),
      signature: signature.toString('base64url'), user,
    };
  }
}
