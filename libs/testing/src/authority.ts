import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Files in PEM. */
export interface TestCertificate {
  cert: string;
  key: string;
}

const NEW_KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];

/** A certificate authority for one test, in a folder of its own: made by openssl, good for two days. */
export class TestAuthority {
  private readonly folder = mkdtempSync(join(tmpdir(), 'spectrace-ca-'));
  /** File with its own certificate (PEM). */
  readonly ca = join(this.folder, 'ca.pem');
  private made = 0;

  constructor() {
    this.request('ca', 'basicConstraints = critical, CA:TRUE\nkeyUsage = critical, keyCertSign', []);
  }

  /** @param names as openssl writes them: `DNS:localhost`, `IP:127.0.0.1` */
  certify(...names: string[]): TestCertificate {
    const extensions = `basicConstraints = CA:FALSE\nextendedKeyUsage = serverAuth\nsubjectAltName = ${names.join(', ')}`;
    this.made += 1;
    return this.request(`server-${this.made}`, extensions, ['-CA', this.ca, '-CAkey', join(this.folder, 'ca.key')]);
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  private request(name: string, extensions: string, signer: string[]): TestCertificate {
    const [config, cert, key] = ['cnf', 'pem', 'key'].map((ending) => join(this.folder, `${name}.${ending}`)) as [
      string,
      string,
      string,
    ];
    const about = `[req]\ndistinguished_name = dn\nprompt = no\n[dn]\nCN = ${name} of a test\n[extensions]\n${extensions}\n`;
    writeFileSync(config, about);
    const what = ['-config', config, '-extensions', 'extensions', '-days', '2', '-keyout', key, '-out', cert];
    execFileSync('openssl', ['req', '-x509', '-new', ...NEW_KEY, ...what, ...signer], { stdio: 'pipe' });
    return { cert, key };
  }
}
