// What a client is made with, checked before anything is sent. Keeps the key where neither a log nor an error finds it.

import { ConfigurationError, type LocalFailure } from './errors.js';
import type { Delegations } from './hybrid/delegations.js';
import { stateDirectory } from './hybrid/delegations.js';
import { Simulator } from './simulator/simulator.js';

/** How the client reaches terminals on the local network. */
export interface TerminalOptions {
  /** The `.p12` bundle of the client certificate. */
  localCertPath?: string | undefined;
  /** What opens the bundle. */
  localCertPassphrase?: string | undefined;
  /** The root that terminals are known by, PEM; fetched from the platform unless given. */
  localCaPath?: string | undefined;
  /** The same root, as PEM. */
  localCa?: string | undefined;
  /** Where terminals are (`host` or `host:port`), for networks that carry no multicast. */
  staticHosts?: string[] | undefined;
  /** Run the bundled simulator on this machine: test keys only. It is started by the first call that needs it. */
  localSimulator?: boolean | undefined;
  /** Let the simulator believe that the internet is gone. */
  simulateOffline?: boolean | undefined;
  /** The simulator's program; found by itself unless given. */
  simulatorPath?: string | undefined;
  /** Where hybrid mode writes down which way a payment went, and the root is kept; `$XDG_STATE_HOME/vinr` or `~/.local/state/vinr` unless given. */
  stateDir?: string | undefined;
  /** Keeps what hybrid mode writes down somewhere else. */
  delegations?: Delegations | undefined;
  /** Hears why hybrid mode did not use the local network, before the platform is asked. What it throws is ignored. */
  onLocalFailure?: ((failure: LocalFailure) => void) | undefined;
}

/** What `new Vinr(…)` takes. */
export interface VinrOptions {
  /** A secret key (`sk_…`), a restricted key (`rk_…`), or an operator's (`ok_…`). */
  secretKey: string | undefined;
  /** Where the API is; unless given what `VINR_BASE_URL` in the environment says, or `https://api.vinr.com`. */
  baseUrl?: string | undefined;
  /** How long one attempt may take, in milliseconds; 30 000 unless given. A sync payment has 150 000 of its own. */
  timeoutMs?: number | undefined;
  /** How often a request is sent again where that is safe; 2 unless given. */
  maxRetries?: number | undefined;
  /** What sends requests, instead of the global `fetch`. */
  fetch?: typeof globalThis.fetch | undefined;
  /** An agent of `node:https` (or `node:http`): requests go through it instead of `fetch`. */
  agent?: import('node:https').Agent | import('node:http').Agent | undefined;
  /** A dispatcher of undici, for the global `fetch`: a proxy, a pool. */
  dispatcher?: object | undefined;
  /** Terminals on the local network. */
  terminal?: TerminalOptions | undefined;
}

/** What every call takes as its last argument. */
export interface CallOptions {
  /** How long one attempt may take, in milliseconds. */
  timeoutMs?: number | undefined;
  /** The name of this change: the same key is carried out once. Made by the SDK unless given. */
  idempotencyKey?: string | undefined;
  /** Ends the call. What has been sent is not taken back. */
  signal?: AbortSignal | undefined;
  /** How often it may be sent again. */
  maxRetries?: number | undefined;
}

/** Waits; replaced in tests. */
export type Pause = (ms: number, signal: AbortSignal | undefined) => Promise<void>;

/** @internal The name under which tests bring a pause of their own. */
export const PAUSE = Symbol.for('vinr.pause');

const DEFAULT_BASE_URL = 'https://api.vinr.com';
const DEFAULT_TIMEOUT_MS = 30_000;
const DEFAULT_RETRIES = 2;
const LONGEST_TIMEOUT_MS = 2 ** 31 - 1;

/** What a client was made with. Prints without its key. */
export class Settings {
  readonly stateDir: string;
  readonly timeoutMs: number;
  readonly maxRetries: number;
  readonly terminal: Readonly<TerminalOptions>;
  /** The simulator that is to be started, if any. */
  readonly simulator: Simulator | undefined;
  readonly #secretKey: string;
  readonly #baseUrl: string | undefined;

  constructor(options: VinrOptions) {
    if (typeof options !== 'object' || options === null) {
      throw new ConfigurationError('parameter_missing', 'new Vinr({ secretKey }) needs an object', 'secretKey');
    }
    const { localSimulator, simulateOffline, simulatorPath, stateDir } = options.terminal ?? {};
    const simulated = localSimulator === true || simulateOffline === true;
    const told = options.baseUrl ?? (process.env['VINR_BASE_URL'] || undefined);
    this.#secretKey = simulated ? checkedTestKey(options.secretKey, told !== undefined) : checkedKey(options.secretKey);
    this.simulator = simulated ? new Simulator({ path: simulatorPath, offline: simulateOffline === true }) : undefined;
    const url = told ?? (simulated ? undefined : DEFAULT_BASE_URL);
    this.#baseUrl = url === undefined ? undefined : checkedUrl(url, this.#secretKey);
    this.stateDir = stateDirectory(stateDir);
    this.timeoutMs = milliseconds(options.timeoutMs, DEFAULT_TIMEOUT_MS);
    this.maxRetries = retries(options.maxRetries, DEFAULT_RETRIES);
    this.terminal = { ...options.terminal };
  }

  /** Where the API is: the simulator's own platform when there is a simulator and nobody said anything else. */
  get baseUrl(): string {
    return this.#baseUrl ?? this.simulator?.facts?.api ?? '';
  }

  /** Waits for the simulator when its platform is the one to be asked. */
  async ready(): Promise<void> {
    if (this.#baseUrl === undefined) await this.simulator?.start();
  }

  /** The value of the header that carries the key. */
  authorization(): string {
    const key = this.#baseUrl === undefined ? this.simulator?.facts?.secretKey : this.#secretKey;
    return `Bearer ${key ?? ''}`;
  }

  /** Which kind of key it is, without saying it. */
  keyHint(): string {
    return `${/^[a-z]+_(?:test_|live_)?/.exec(this.#secretKey)?.[0] ?? ''}…`;
  }
}

/** A time limit in milliseconds, or the default. */
export function milliseconds(given: number | undefined, otherwise: number): number {
  if (given === undefined) return otherwise;
  if (Number.isFinite(given) && given > 0 && given <= LONGEST_TIMEOUT_MS) return given;
  throw new ConfigurationError('parameter_invalid', 'timeoutMs is a number of milliseconds above 0', 'timeoutMs');
}

/** A number of retries, or the default. */
export function retries(given: number | undefined, otherwise: number): number {
  if (given === undefined) return otherwise;
  if (Number.isInteger(given) && given >= 0 && given <= 10) return given;
  throw new ConfigurationError('parameter_invalid', 'maxRetries is a whole number from 0 to 10', 'maxRetries');
}

function checkedKey(key: unknown): string {
  if (typeof key !== 'string' || key === '') {
    throw new ConfigurationError('parameter_missing', 'secretKey is not set: is the environment variable there?', 'secretKey');
  }
  // A key that cannot be a header would be quoted in the error of whoever tries to send it.
  if (!/^(?:[sr]k_(?:test|live)_|ok_)[A-Za-z0-9_-]+$/.test(key)) {
    const why = /\s/.test(key) ? 'has white space in it' : 'is none of sk_…, rk_… and ok_…';
    throw new ConfigurationError('parameter_invalid', `secretKey ${why}`, 'secretKey');
  }
  return key;
}

/** A simulator is for test keys. Its platform has a key of its own, so the caller's is only looked at when it is sent anywhere. */
function checkedTestKey(key: unknown, sent: boolean): string {
  const given = sent ? checkedKey(key) : key;
  if (typeof given === 'string' && /^[sr]k_test_/.test(given)) return given;
  if (typeof given !== 'string' || given === '') return checkedKey(given);
  throw new ConfigurationError('test_mode_only', 'the local simulator takes test keys only (sk_test_… or rk_test_…)', 'secretKey');
}

const LOOPBACK = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/;

function checkedUrl(text: string, key: string): string {
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    throw new ConfigurationError('parameter_invalid', 'baseUrl is not a URL', 'baseUrl');
  }
  if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '') {
    throw new ConfigurationError('parameter_invalid', 'baseUrl is scheme, host and port alone', 'baseUrl');
  }
  const open = url.protocol === 'http:' && !LOOPBACK.test(url.hostname);
  if (!['https:', 'http:'].includes(url.protocol) || (open && !/_test_/.test(key))) {
    throw new ConfigurationError('parameter_invalid', 'baseUrl has to begin with https:// unless it is this machine or the key is a test key', 'baseUrl');
  }
  return `${url.origin}${url.pathname.replace(/\/+$/, '')}`;
}
