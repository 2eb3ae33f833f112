// Certificates for the tests, made anew for each run.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A self-signed certificate for names such as "IP:127.0.0.1": {certificate, key}, PEM texts. */
export function certificate(names = 'IP:127.0.0.1') {
  const folder = mkdtempSync(join(tmpdir(), 'onthaal-cert-'));
  try {
    execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2',
      '-subj', '/CN=onthaal-test', '-addext', `subjectAltName=${names}`, '-keyout', join(folder, 'key'), '-out', join(folder, 'pem')],
    { stdio: 'ignore' });
    return { certificate: readFileSync(join(folder, 'pem'), 'utf8'), key: readFileSync(join(folder, 'key'), 'utf8') };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
