// SRTP as a caller needs it (RFC 3711, AES_CM_128_HMAC_SHA1_80), and its key as SDP says it (RFC 4568).
import { createCipheriv, createHmac, randomBytes } from 'node:crypto';

export class Srtp {
  constructor(master = randomBytes(30)) {
    this.master = master;
    const derive = (label, length) => {
      const start = Buffer.alloc(16);
      master.copy(start, 0, 16, 30);
      start[7] ^= label;
      return createCipheriv('aes-128-ctr', master.subarray(0, 16), start).update(Buffer.alloc(length));
    };
    [this.key, this.auth, this.salt] = [derive(0, 16), derive(1, 20), derive(2, 14)];
  }

  get attribute() {
    return `a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:${this.master.toString('base64')}\r\n`;
  }

  /** An RTP packet of a source whose numbers have not come round. */
  protect(packet) {
    const start = Buffer.alloc(16);
    this.salt.copy(start);
    for (let i = 0; i < 4; i++) start[4 + i] ^= packet[8 + i];
    for (let i = 0; i < 2; i++) start[12 + i] ^= packet[2 + i];
    const secret = createCipheriv('aes-128-ctr', this.key, start).update(packet.subarray(12));
    const whole = Buffer.concat([packet.subarray(0, 12), secret]);
    const tag = createHmac('sha1', this.auth).update(whole).update(Buffer.alloc(4)).digest().subarray(0, 10);
    return Buffer.concat([whole, tag]);
  }
}
