// What a till needs before it speaks to terminals: its own certificate, and the authority that terminals are known by. Reads
// files once, keeps the authority for the day without internet, shows neither key nor passphrase to anybody.

import { createHash } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createSecureContext } from 'node:tls';

import { ConfigurationError, codeOf } from '../errors.js';
import type { TerminalOptions } from '../settings.js';

/** What connections to terminals are made with. */
export interface Trust {
  pfx?: Buffer | undefined;
  passphrase?: string | undefined;
  /** The root that signed every terminal of this platform, PEM. */
  ca: string;
  /** The root is one that was kept: the platform may have another by now. */
  kept: boolean;
}

/** Where the root comes from when no option says it. */
export interface RootSource {
  /** Fetches it from the platform. */
  fetch(): Promise<string>;
  /** Names the platform. */
  platform: string;
  /** Where it is kept. */
  directory: string;
}

const PEM = '-----BEGIN CERTIFICATE-----';

/** Reads the certificate, and takes the root from the options, from where it was kept, or from the platform. */
export async function loadTrust(options: TerminalOptions, source: RootSource, fresh: boolean): Promise<Trust> {
  const own = options.localCertPath === undefined ? {} : await ownCertificate(options.localCertPath, options.localCertPassphrase);
  if (options.localCa === undefined && options.localCaPath === undefined) return { ...own, ...(await platformRoot(source, fresh)) };
  const ca = options.localCa ?? (await file(options.localCaPath ?? '', 'localCaPath')).toString('utf8');
  return { ...own, ca: checked(ca, options.localCa === undefined ? 'localCaPath' : 'localCa'), kept: false };
}

/** A till starts without internet with the root that it knew before. */
async function platformRoot(source: RootSource, fresh: boolean): Promise<{ ca: string; kept: boolean }> {
  const name = `authority-${createHash('sha256').update(source.platform).digest('hex').slice(0, 16)}.pem`;
  const path = join(source.directory, name);
  const kept = fresh ? undefined : await readFile(path, 'utf8').catch(() => undefined);
  if (kept?.includes(PEM)) return { ca: kept, kept: true };
  const ca = checked(await source.fetch(), 'localCaPath');
  try {
    await mkdir(source.directory, { recursive: true, mode: 0o700 });
    await writeFile(`${path}.${process.pid}`, ca, { mode: 0o600 });
    await rename(`${path}.${process.pid}`, path);
  } catch {
    // It is asked for again next time.
  }
  return { ca, kept: false };
}

function checked(ca: string, option: string): string {
  if (ca.includes(PEM)) return ca;
  throw new ConfigurationError('local_ca_unreadable', 'the authority of the terminals is no certificate in PEM', option);
}

async function ownCertificate(path: string, passphrase: string | undefined): Promise<{ pfx: Buffer; passphrase?: string }> {
  const pfx = await file(path, 'localCertPath');
  const own = passphrase === undefined ? { pfx } : { pfx, passphrase };
  try {
    createSecureContext(own);
  } catch (thrown) {
    // What OpenSSL says is about the file; the passphrase is not in it, and is not repeated.
    const wrong = /mac verify|invalid password/i.test(thrown instanceof Error ? thrown.message : '');
    if (wrong) throw new ConfigurationError('local_cert_passphrase', 'the client certificate does not open with localCertPassphrase', 'localCertPassphrase');
    throw new ConfigurationError('local_cert_unreadable', 'the client certificate is no PKCS #12 bundle that can be read', 'localCertPath');
  }
  return own;
}

async function file(path: string, option: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (thrown) {
    throw new ConfigurationError('local_file_unreadable', `${option} cannot be read (${codeOf(thrown) ?? 'unknown'})`, option);
  }
}
