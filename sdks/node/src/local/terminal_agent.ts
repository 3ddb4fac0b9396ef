// Connections to one terminal: TLS 1.3, the authority pinned, and the terminal's own name in the certificate checked before a
// single byte is written. An address is a hint; only the certificate says who is there.

import { Agent, type AgentOptions } from 'node:https';
import { isIP } from 'node:net';
import { type ConnectionOptions, type PeerCertificate, type TLSSocket, connect } from 'node:tls';

import { BEFORE_REQUEST, type Progress, WRONG_TERMINAL } from '../sender.js';
import type { Trust } from './trust.js';

/** Who a certificate says is there. */
export type Expected = (name: string) => boolean;

const CONNECT_MS = 5_000;
const SCHEME = 'URI:vinr:terminal/';

/** The terminal that a certificate names; nothing when it names none, or more than one. */
export function terminalOf(certificate: PeerCertificate): string | undefined {
  const names = (certificate.subjectaltname ?? '').split(', ').filter((one) => one.startsWith(SCHEME));
  const [only] = names;
  return names.length === 1 ? only?.slice(SCHEME.length) : undefined;
}

/** Whether the name in a certificate is this terminal's: the reserved simulator's also names its account. */
export function namesTerminal(name: string, terminalId: string): boolean {
  return name === terminalId || (terminalId === 'term_test_simulator' && /^[^./]+\.term_test_simulator$/.test(name));
}

/** An agent whose sockets are handed out only after the other side has proven to be whom `expected` accepts. */
export class TerminalAgent extends Agent {
  readonly #trust: Trust;
  readonly #expected: Expected;

  constructor(trust: Trust, expected: Expected) {
    // A connection that is kept may have ended unseen, and a charge that was written to it would be in doubt.
    super({ keepAlive: false, maxCachedSessions: 0 });
    this.#trust = trust;
    this.#expected = expected;
  }

  /** @internal */
  override createConnection(options: AgentOptions & ConnectionOptions & { progress?: Progress }, done?: (error: Error | null, socket: TLSSocket) => void): undefined {
    const { pfx, passphrase, ca } = this.#trust;
    const host = options.host ?? '';
    const progress = options.progress ?? { at: 'open' };
    progress.at = 'connecting';
    const socket = connect({
      host,
      port: Number(options.port),
      ...(isIP(host) ? {} : { servername: host }),
      ...(pfx === undefined ? {} : { pfx }),
      ...(passphrase === undefined ? {} : { passphrase }),
      ca,
      minVersion: 'TLSv1.3',
      ALPNProtocols: ['http/1.1'],
      timeout: CONNECT_MS,
      // The chain is checked by TLS; who it names is checked below, whatever the address.
      checkServerIdentity: () => undefined,
    });
    const finish = (error: Error | null): void => {
      socket.removeListener('error', finish);
      socket.removeAllListeners('timeout');
      socket.setTimeout(0);
      if (error) {
        Object.assign(error, { [BEFORE_REQUEST]: true });
        socket.destroy();
        // What comes after this has been told about already.
        socket.on('error', () => {});
      }
      (done as (error: Error | null, socket: TLSSocket) => void)(error, socket);
    };
    socket.once('connect', () => (progress.at = 'handshake'));
    socket.once('error', finish);
    socket.once('timeout', () => finish(Object.assign(new Error('no handshake in time'), { code: 'ETIMEDOUT' })));
    socket.once('secureConnect', () => {
      const error = this.#judged(socket);
      if (error === null) progress.at = 'open';
      finish(error);
    });
    return undefined;
  }

  #judged(socket: TLSSocket): Error | null {
    const name = socket.authorized ? terminalOf(socket.getPeerCertificate()) : undefined;
    if (name !== undefined && this.#expected(name)) return null;
    return Object.assign(new Error('the certificate names another terminal'), { code: WRONG_TERMINAL });
  }
}
