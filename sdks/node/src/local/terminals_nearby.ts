// The terminals of the local network that a client knows: finds them at their addresses and charges through them. Shows them
// the till's certificate and never the secret key.

import { ConfigurationError, VinrError } from '../errors.js';
import { type Answer, type Call, Exchange, type Found, type LookUp } from '../exchange.js';
import type { TerminalPayment } from '../generated/api.js';
import { segment } from '../identity.js';
import { toQuery } from '../letter_case.js';
import { senderOf } from '../sender.js';
import type { CallOptions, Pause, TerminalOptions } from '../settings.js';
import { CURRENT } from '../version.js';
import { TerminalAgent, namesTerminal, type Expected } from './terminal_agent.js';
import { type FetchRoot, type Trust, loadTrust } from './trust.js';

const PORT = 8443;
const LOOK_MS = 5_000;
const REMEMBERED = 1_000;
const PATH = '/v1/terminal/payments';
const STATUSES: Readonly<Record<string, Reader['status']>> = { ready: 'online', busy: 'busy', locked: 'locked' };

/** A terminal on the local network. */
export interface Reader {
  id: string;
  ip: string;
  port: number;
  model: string;
  /** `online`: ready for a payment. */
  status: 'online' | 'busy' | 'locked' | 'out_of_service';
}

interface Nearby {
  host: string;
  port: number;
  exchange: Exchange;
}

/** What a client knows of the local network. */
export class TerminalsNearby {
  readonly #options: TerminalOptions;
  readonly #fetchRoot: FetchRoot;
  readonly #pause: Pause;
  readonly #maxRetries: number;
  readonly #known = new Map<string, Nearby>();
  readonly #charged = new Map<string, string>();
  #trust: Promise<Trust> | undefined;

  constructor(options: TerminalOptions, maxRetries: number, fetchRoot: FetchRoot, pause: Pause) {
    this.#options = options;
    this.#maxRetries = maxRetries;
    this.#fetchRoot = fetchRoot;
    this.#pause = pause;
  }

  /** Whether the client is to start a simulator. */
  get simulated(): boolean {
    return this.#options.localSimulator === true || this.#options.simulateOffline === true;
  }

  /** The terminals at these addresses (`host` or `host:port`). One that cannot be reached is left out; one that is not who it says throws. */
  async at(hosts: readonly string[], options: CallOptions): Promise<Reader[]> {
    this.#refuseSimulator();
    const found = await Promise.all(hosts.map((host) => this.#ask(host, options)));
    return found.filter((one) => one !== undefined);
  }

  /** Carries a call out at a terminal that has been found. */
  async perform(terminalId: string, call: Call, options: CallOptions | undefined): Promise<Answer> {
    return this.#of(terminalId).exchange.perform(call, options);
  }

  /** Looks a charge up in the terminal's own journal. */
  lookUp(terminalId: string, reference: string | undefined, clientToken: string): LookUp {
    return async (options): Promise<Found | undefined> => {
      const query = { reference, limit: 100 };
      const answer = await this.#read(terminalId, query, { ...options, timeoutMs: LOOK_MS });
      const data = answer.find((one) => one.clientToken.toLowerCase() === clientToken.toLowerCase());
      if (data === undefined) return undefined;
      const response = { status: 200, headers: new Headers(), requestId: undefined, replayed: true };
      return { answer: { data, response }, payment: data, settled: !['pending', 'processing'].includes(data.status) };
    };
  }

  /** Remembers at which terminal a reference was charged. */
  charged(reference: string | undefined, terminalId: string): void {
    if (reference === undefined) return;
    this.#charged.delete(reference);
    this.#charged.set(reference, terminalId);
    const [oldest] = this.#charged.keys();
    if (this.#charged.size > REMEMBERED && oldest !== undefined) this.#charged.delete(oldest);
  }

  /** The newest payment with this reference at the terminal that charged it; nothing when none did, or it cannot be asked. */
  async chargedHere(reference: string, options: CallOptions): Promise<TerminalPayment | undefined> {
    const terminalId = this.#charged.get(reference);
    return terminalId === undefined ? undefined : this.#newest(terminalId, reference, options);
  }

  /** The newest payment with this reference at any terminal that is known; nothing when none has it. */
  async anywhere(reference: string, options: CallOptions): Promise<TerminalPayment | undefined> {
    const found = await Promise.all([...this.#known.keys()].map((terminalId) => this.#newest(terminalId, reference, options)));
    return found.filter((one) => one !== undefined).sort((one, other) => (one.createdAt < other.createdAt ? 1 : -1))[0];
  }

  async #newest(terminalId: string, reference: string, options: CallOptions): Promise<TerminalPayment | undefined> {
    try {
      return (await this.#read(terminalId, { reference, limit: 1 }, { timeoutMs: LOOK_MS, ...options }))[0];
    } catch (thrown) {
      // A terminal that cannot be asked is not the last word.
      if (thrown instanceof VinrError && thrown.code !== 'aborted') return undefined;
      throw thrown;
    }
  }

  async #read(terminalId: string, query: object, options: CallOptions): Promise<TerminalPayment[]> {
    const call: Call = { kind: 'read', money: false, method: 'GET', path: PATH, query: toQuery(query), version: CURRENT };
    const answer = await this.#of(terminalId).exchange.perform(call, options);
    return (answer.data as { data: TerminalPayment[] }).data;
  }

  #of(terminalId: string): Nearby {
    segment('readerId', terminalId);
    this.#refuseSimulator();
    const nearby = this.#known.get(terminalId);
    if (nearby !== undefined) return nearby;
    throw new ConfigurationError('reader_unknown', `${terminalId} has not been found on the local network: readers.discover first`, 'readerId');
  }

  #refuseSimulator(): void {
    if (!this.simulated) return;
    throw new ConfigurationError('not_supported', 'this version of the SDK starts no simulator: nothing was sent', 'terminal.localSimulator');
  }

  async #ask(address: string, options: CallOptions): Promise<Reader | undefined> {
    const { host, port } = placeOf(address);
    let named = '';
    const seen = await this.#exchange(host, port, (name) => {
      named = name;
      return true;
    });
    const call: Call = { kind: 'read', money: false, method: 'GET', path: '/v1/status', version: CURRENT };
    let status: { id: string; model: string; status: string };
    try {
      const answer = await seen.perform(call, { timeoutMs: LOOK_MS, maxRetries: 0, ...options });
      status = answer.data as typeof status;
    } catch (thrown) {
      const absent = thrown instanceof VinrError && ['not_connected', 'timeout', 'connection_lost'].includes(thrown.code);
      if (absent) return undefined;
      throw thrown;
    }
    if (typeof status.id !== 'string' || !namesTerminal(named, status.id)) {
      throw new ConfigurationError('tls_wrong_terminal', `the terminal at ${address} says another name than its certificate`, 'staticHosts');
    }
    const exchange = await this.#exchange(host, port, (name) => namesTerminal(name, status.id));
    this.#known.set(status.id, { host, port, exchange });
    return { id: status.id, ip: host, port, model: status.model, status: STATUSES[status.status] ?? 'out_of_service' };
  }

  async #exchange(host: string, port: number, expected: Expected): Promise<Exchange> {
    this.#trust ??= loadTrust(this.#options, this.#fetchRoot);
    // What failed once is tried again by the next who asks.
    this.#trust.catch(() => (this.#trust = undefined));
    const agent = new TerminalAgent(await this.#trust, expected);
    const name = host.includes(':') ? `[${host}]` : host;
    const peer = { baseUrl: `https://${name}:${port}`, timeoutMs: 30_000, maxRetries: this.#maxRetries, authorization: () => undefined };
    return new Exchange(peer, senderOf({ secretKey: undefined, agent }), this.#pause);
  }
}

/** Where an address is: `host`, `host:port`, `[v6]:port`. */
function placeOf(address: string): { host: string; port: number } {
  const [, v6, host, port] = /^(?:\[([0-9A-Fa-f:.]+)\]|([^:[\]/\s]+))(?::(\d{1,5}))?$/.exec(address) ?? [];
  const name = v6 ?? host;
  if (name === undefined) throw new ConfigurationError('parameter_invalid', 'staticHosts are addresses, each with or without a port', 'staticHosts');
  return { host: name, port: port === undefined ? PORT : Number(port) };
}
