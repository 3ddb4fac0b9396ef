// What a till needs before it speaks to terminals: its own certificate, and the authority that terminals are known by. Reads
// files once, shows neither key nor passphrase to anybody.

import { readFile } from 'node:fs/promises';
import { createSecureContext } from 'node:tls';

import { ConfigurationError, codeOf } from '../errors.js';
import type { TerminalOptions } from '../settings.js';

/** What connections to terminals are made with. */
export interface Trust {
  pfx?: Buffer | undefined;
  passphrase?: string | undefined;
  /** The root that signed every terminal of this platform, PEM. */
  ca: string;
}

/** Fetches the root from the platform. */
export type FetchRoot = () => Promise<string>;

/** Reads the certificate, and takes the root from its file or from the platform. */
export async function loadTrust(options: TerminalOptions, fetchRoot: FetchRoot): Promise<Trust> {
  const own = options.localCertPath === undefined ? {} : await ownCertificate(options.localCertPath, options.localCertPassphrase);
  const ca = options.localCaPath === undefined ? await fetchRoot() : (await file(options.localCaPath, 'localCaPath')).toString('utf8');
  if (!ca.includes('-----BEGIN CERTIFICATE-----')) {
    throw new ConfigurationError('local_ca_unreadable', 'the authority of the terminals is no certificate in PEM', 'localCaPath');
  }
  return { ...own, ca };
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
