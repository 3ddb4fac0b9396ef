// The terminals of the local network that a client knows: finds them, proves who they are, and speaks to them. Shows them the till's
// certificate and never the secret key.

import { LocalConnectionError, VinrError } from '../errors.js';
import { type Answer, type Begun, type Call, Exchange, type Failed, type Found, type LookUp } from '../exchange.js';
import type { LegacyTerminalPayment, TerminalPayment } from '../generated/api.js';
import { segment } from '../identity.js';
import { toQuery } from '../letter_case.js';
import { senderOf } from '../sender.js';
import type { CallOptions, Pause, TerminalOptions } from '../settings.js';
import type { Simulator } from '../simulator/simulator.js';
import { type ApiVersion, CURRENT } from '../version.js';
import { type Place, placeOf, urlOf } from './addresses.js';
import { type Hint, browse } from './multicast.js';
import { TerminalAgent, namesTerminal, type Expected } from './terminal_agent.js';
import { type RootSource, type Trust, loadTrust } from './trust.js';

const LOOK_MS = 5_000;
const FIND_MS = 2_000;
const REMEMBERED = 1_000;
const PATH = '/v1/terminal/payments';
const STATUSES: Readonly<Record<string, Reader['status']>> = { ready: 'online', busy: 'busy', locked: 'locked' };
/** Codes that say that nobody is at an address; everything else is about somebody who is. */
const ABSENT = new Set(['not_connected', 'timeout', 'connection_lost']);

/** A terminal on the local network. */
export interface Reader {
  id: string;
  ip: string;
  port: number;
  model: string;
  /** `online`: ready for a payment. */
  status: 'online' | 'busy' | 'locked' | 'out_of_service';
  /** `false`: it was announced, and nobody has proven who it is. */
  verified?: false;
}

/** A payment in either version. */
export type AnyPayment = TerminalPayment | LegacyTerminalPayment;

interface Nearby extends Place {
  exchange: Exchange;
}

/** What a client brings along for the local network. */
export interface NearbySettings {
  options: TerminalOptions;
  maxRetries: number;
  root: RootSource;
  pause: Pause;
  simulator: Simulator | undefined;
}

/** What a client knows of the local network. */
export class TerminalsNearby {
  readonly #settings: NearbySettings;
  readonly #known = new Map<string, Nearby>();
  readonly #charged = new Map<string, string>();
  /** Addresses that the caller has named. */
  readonly #hosts: Set<string>;
  #trust: Promise<Trust> | undefined;

  constructor(settings: NearbySettings) {
    this.#settings = settings;
    this.#hosts = new Set(settings.options.staticHosts ?? []);
  }

  /** The terminals of the network: at these addresses, or at those of the client, or whichever announce themselves. */
  async discover(hosts: readonly string[] | undefined, limitMs: number, options: CallOptions): Promise<Reader[]> {
    if (this.#settings.simulator !== undefined) return [await this.#simulated(this.#settings.simulator)];
    const named = hosts ?? this.#settings.options.staticHosts;
    return named === undefined ? this.#browse(limitMs, options) : this.#at(named, options);
  }

  /** Looks for a terminal that is not known yet: at the addresses that were named, then by multicast. */
  async find(terminalId: string, limitMs: number = FIND_MS, options: CallOptions = {}): Promise<void> {
    segment('readerId', terminalId);
    if (this.#known.has(terminalId)) return;
    if (this.#settings.simulator !== undefined) await this.#simulated(this.#settings.simulator);
    else {
      const looked = { ...options, timeoutMs: limitMs };
      const asked = await Promise.allSettled([...this.#hosts].map((host) => this.#ask(placeOf(host), looked)));
      if (this.#known.has(terminalId)) return;
      const failures = asked.flatMap((one) => (one.status === 'rejected' ? [one.reason as unknown] : []));
      // Whatever is wrong with what the till brings itself is wrong at every address.
      const own = failures.find((one) => !(one instanceof LocalConnectionError));
      if (own !== undefined) throw own;
      if (failures.length > 0) throw failures[0];
      if (this.#hosts.size === 0) await this.#browse(limitMs, options, terminalId);
    }
    if (this.#known.has(terminalId)) return;
    const message = `${terminalId} has not been found on the local network: nothing was sent`;
    throw new LocalConnectionError({ type: 'connection_error', code: 'reader_unknown', message, param: 'readerId', layer: 'name' });
  }

  /** The next call looks for this terminal again: its address may be another by now. */
  forget(terminalId: string): void {
    this.#known.delete(terminalId);
  }

  /** Carries a call out at a terminal. */
  async perform(terminalId: string, call: Call, options: CallOptions = {}): Promise<Answer> {
    await this.find(terminalId, FIND_MS, { signal: options.signal });
    try {
      return await this.#of(terminalId).exchange.perform(call, options);
    } catch (thrown) {
      if (thrown instanceof LocalConnectionError && !thrown.outcomeUnknown) this.forget(terminalId);
      throw thrown;
    }
  }

  /** Sends a call once to a terminal that has been found, and waits for the head of its answer. */
  async begin(terminalId: string, call: Call, limitMs: number, signal: AbortSignal | undefined): Promise<Begun | Failed> {
    return this.#of(terminalId).exchange.begin(call, limitMs, signal);
  }

  /** The error that a failed attempt at a terminal is. */
  errorOf(terminalId: string, call: Call, attempt: Failed, doubt: boolean): VinrError {
    return this.#of(terminalId).exchange.errorOf(call, attempt, doubt);
  }

  /** Looks a charge up in the terminal's own journal. */
  lookUp(terminalId: string, reference: string | undefined, clientToken: string, version: ApiVersion = CURRENT): LookUp {
    return async (options): Promise<Found | undefined> => {
      const answer = await this.#read(terminalId, { reference, limit: 100 }, { timeoutMs: LOOK_MS, ...options }, version);
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

  /** The newest payment with this reference at the terminal that charged it; nothing when it cannot be asked. */
  async chargedHere(reference: string, options: CallOptions, version: ApiVersion): Promise<AnyPayment | undefined> {
    const terminalId = this.#charged.get(reference);
    return terminalId === undefined ? undefined : this.#newest(terminalId, reference, options, version);
  }

  /** The newest payment with this reference at any terminal that has been found. */
  async anywhere(reference: string, options: CallOptions, version: ApiVersion): Promise<AnyPayment | undefined> {
    const found = await Promise.all([...this.#known.keys()].map((terminalId) => this.#newest(terminalId, reference, options, version)));
    return found.filter((one) => one !== undefined).sort((one, other) => (one.createdAt < other.createdAt ? 1 : -1))[0];
  }

  async #newest(terminalId: string, reference: string, options: CallOptions, version: ApiVersion): Promise<AnyPayment | undefined> {
    try {
      return (await this.#read(terminalId, { reference, limit: 1 }, { timeoutMs: LOOK_MS, ...options }, version))[0];
    } catch (thrown) {
      // A terminal that cannot be asked is not the last word.
      if (thrown instanceof VinrError && thrown.code !== 'aborted') return undefined;
      throw thrown;
    }
  }

  async #read(terminalId: string, query: object, options: CallOptions, version: ApiVersion): Promise<AnyPayment[]> {
    const call: Call = { kind: 'read', money: false, method: 'GET', path: PATH, query: toQuery(query), version };
    const answer = await this.perform(terminalId, call, options);
    return (answer.data as { data: AnyPayment[] }).data;
  }

  #of(terminalId: string): Nearby {
    const nearby = this.#known.get(terminalId);
    if (nearby !== undefined) return nearby;
    const message = `${terminalId} has not been found on the local network`;
    throw new LocalConnectionError({ type: 'connection_error', code: 'reader_unknown', message, param: 'readerId', layer: 'name' });
  }

  async #simulated(simulator: Simulator): Promise<Reader> {
    const { terminal: id, ip, port, model } = await simulator.start();
    if (!this.#known.has(id)) await this.#remember(id, { host: ip, port });
    return { id, ip, port, model, status: 'online' };
  }

  /** One that cannot be reached is left out; one that is not who it says throws. */
  async #at(hosts: readonly string[], options: CallOptions): Promise<Reader[]> {
    const found = await Promise.all(
      hosts.map(async (host) => {
        const place = placeOf(host);
        this.#hosts.add(host);
        return this.#ask(place, options).catch((thrown: unknown) => {
          if (thrown instanceof LocalConnectionError && ABSENT.has(thrown.code)) return undefined;
          throw thrown;
        });
      }),
    );
    return found.filter((one) => one !== undefined);
  }

  /** Who announces themselves, and proves it. An announcement is anybody's, so one that cannot be proven is left out. */
  async #browse(limitMs: number, options: CallOptions, wanted?: string): Promise<Reader[]> {
    const readers = new Map<string, Reader>();
    const asked: Array<Promise<void>> = [];
    const control = new AbortController();
    const end = (): void => control.abort();
    options.signal?.addEventListener('abort', end, { once: true });
    // What is wrong with the till's own certificate is said before anybody is looked for.
    const proves = await this.#trusted().then(() => true, (thrown: unknown) => {
      if (this.#settings.options.localCertPath !== undefined || wanted !== undefined) throw thrown;
      return false;
    });
    const take = async (hint: Hint): Promise<void> => {
      const reader = proves ? await this.#proven(hint, limitMs, options) : announced(hint);
      if (reader !== undefined) readers.set(`${reader.id} ${reader.port}`, reader);
      if (reader?.id === wanted) end();
    };
    try {
      await browse(limitMs, control.signal, (hint) => {
        const one = take(hint);
        // Told below, or by nobody when the wanted one is there.
        one.catch(() => {});
        asked.push(one);
      });
      if (wanted === undefined) await Promise.all(asked);
    } finally {
      options.signal?.removeEventListener('abort', end);
    }
    return [...readers.values()];
  }

  async #proven(hint: Hint, limitMs: number, options: CallOptions): Promise<Reader | undefined> {
    try {
      return await this.#ask({ host: hint.ip, port: hint.port }, { signal: options.signal, timeoutMs: limitMs });
    } catch (thrown) {
      if (thrown instanceof LocalConnectionError) return undefined;
      throw thrown;
    }
  }

  async #ask(place: Place, options: CallOptions, fresh = false): Promise<Reader> {
    let named = '';
    const seen = await this.#exchange(place, (name) => {
      named = name;
      return true;
    }, fresh);
    const call: Call = { kind: 'read', money: false, method: 'GET', path: '/v1/status', version: CURRENT };
    let status: { id: string; model: string; status: string };
    try {
      const answer = await seen.perform(call, { timeoutMs: LOOK_MS, maxRetries: 0, ...options });
      status = answer.data as typeof status;
    } catch (thrown) {
      const stale = thrown instanceof VinrError && thrown.code === 'tls_untrusted' && !fresh && (await this.#trusted()).kept;
      if (stale) return this.#ask(place, options, true);
      throw thrown;
    }
    if (typeof status.id !== 'string' || !namesTerminal(named, status.id)) {
      const message = `the terminal at ${place.host} says another name than its certificate`;
      throw new LocalConnectionError({ type: 'connection_error', code: 'tls_wrong_terminal', message, layer: 'certificate' });
    }
    await this.#remember(status.id, place);
    return { id: status.id, ip: place.host, port: place.port, model: status.model, status: STATUSES[status.status] ?? 'out_of_service' };
  }

  async #remember(id: string, place: Place): Promise<void> {
    this.#known.set(id, { ...place, exchange: await this.#exchange(place, (name) => namesTerminal(name, id)) });
  }

  async #exchange(place: Place, expected: Expected, fresh = false): Promise<Exchange> {
    const agent = new TerminalAgent(await this.#trusted(fresh), expected);
    const { maxRetries, pause } = this.#settings;
    const peer = { baseUrl: urlOf(place), timeoutMs: 30_000, maxRetries, authorization: () => undefined, nearby: true };
    return new Exchange(peer, senderOf({ secretKey: undefined, agent }), pause);
  }

  #trusted(fresh = false): Promise<Trust> {
    if (fresh) this.#trust = undefined;
    this.#trust ??= this.#load(fresh);
    // What failed once is tried again by the next who asks.
    this.#trust.catch(() => (this.#trust = undefined));
    return this.#trust;
  }

  async #load(fresh: boolean): Promise<Trust> {
    const { options, root, simulator } = this.#settings;
    if (simulator === undefined) return loadTrust(options, root, fresh);
    const { clientP12, clientP12Passphrase, caBundle } = await simulator.start();
    return loadTrust({ localCertPath: clientP12, localCertPassphrase: clientP12Passphrase, localCaPath: caBundle }, root, fresh);
  }
}

function announced(hint: Hint): Reader {
  return { id: hint.id, ip: hint.ip, port: hint.port, model: hint.model, status: 'online', verified: false };
}
