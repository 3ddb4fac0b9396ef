// Certificates for tests, made by openssl: a root, what it issued, and bundles. Owns a directory that is gone afterwards.

import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** An authority of its own, with one level below the root. */
export class Authority {
  #directory = mkdtempSync(join(tmpdir(), 'vinr-authority-'));

  constructor() {
    this.#make('root', ['-subj', '/CN=Test root', '-addext', 'basicConstraints=critical,CA:TRUE']);
    this.#make('listeners', ['-subj', '/CN=Test listeners', '-addext', 'basicConstraints=critical,CA:TRUE,pathlen:0', ...this.#by('root')]);
  }

  get rootPath() {
    return this.#path('root', 'pem');
  }

  get root() {
    return readFileSync(this.rootPath, 'utf8');
  }

  /** A leaf with these names; `use` is `serverAuth` or `clientAuth`, `days` how long it holds. */
  leaf(name, names, use = 'serverAuth', days = 1) {
    const extensions = ['-addext', `subjectAltName=${names}`, '-addext', `extendedKeyUsage=${use}`, '-addext', 'basicConstraints=critical,CA:FALSE'];
    this.#make(name, ['-subj', '/', ...extensions, ...this.#by('listeners')], days);
    return this.#chained(name);
  }

  #chained(name) {
    const chain = readFileSync(this.#path(name, 'pem'), 'utf8') + readFileSync(this.#path('listeners', 'pem'), 'utf8');
    return { cert: chain, key: readFileSync(this.#path(name, 'key'), 'utf8') };
  }

  /** A terminal's leaf that ended long ago. */
  ended(name, names) {
    const [request, config, extensions, index] = ['csr', 'cnf', 'ext', 'txt'].map((one) => this.#path(name, one));
    writeFileSync(index, '');
    writeFileSync(config, `[ca]\ndefault_ca=x\n[x]\ndatabase=${index}\nnew_certs_dir=${this.#directory}\nrand_serial=yes\npolicy=any\n[any]\ncommonName=optional\n`);
    writeFileSync(extensions, `subjectAltName=${names}\nextendedKeyUsage=serverAuth\nbasicConstraints=critical,CA:FALSE\n`);
    this.#openssl('req', '-new', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-subj', '/CN=ended', '-keyout', this.#path(name, 'key'), '-out', request);
    this.#openssl('ca', '-batch', '-notext', '-md', 'sha256', '-rand_serial', '-config', config, '-extfile', extensions, '-in', request, '-out', this.#path(name, 'pem'),
      '-cert', this.#path('listeners', 'pem'), '-keyfile', this.#path('listeners', 'key'), '-startdate', '20200101000000Z', '-enddate', '20200102000000Z');
    return this.#chained(name);
  }

  /** The leaf as a PKCS #12 bundle. */
  bundle(name, passphrase) {
    const out = this.#path(name, 'p12');
    this.#openssl('pkcs12', '-export', '-in', this.#path(name, 'pem'), '-inkey', this.#path(name, 'key'), '-certfile', this.#path('listeners', 'pem'),
      '-out', out, '-passout', `pass:${passphrase}`);
    return out;
  }

  remove() {
    rmSync(this.#directory, { recursive: true, force: true });
  }

  #make(name, more, days = 1) {
    this.#openssl('req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', String(days),
      '-keyout', this.#path(name, 'key'), '-out', this.#path(name, 'pem'), ...more);
  }

  #by(issuer) {
    return ['-CA', this.#path(issuer, 'pem'), '-CAkey', this.#path(issuer, 'key')];
  }

  #path(name, extension) {
    return join(this.#directory, `${name}.${extension}`);
  }

  #openssl(...args) {
    execFileSync('openssl', args, { stdio: ['ignore', 'ignore', 'pipe'] });
  }
}
