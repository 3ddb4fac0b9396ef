// Carries out one call: attempts, pauses, lookups, and the error in the end. Owns the only place that sends requests; what is
// sent again is decided in retry.ts.

import {
  ApiConnectionError, ApiTimeoutError, type Layer, LocalConnectionError, RequestAbortedError, VinrError, type VinrErrorFacts, errorOfType, typeOfStatus,
} from './errors.js';
import type { LegacyTerminalPayment, TerminalPayment } from './generated/api.js';
import { fromWire } from './letter_case.js';
import { type Failure, type Kind, type Refusal, decide, inDoubt, pauseMs } from './retry.js';
import { type Progress, type Sender, failureOf } from './sender.js';
import { type CallOptions, type Pause, milliseconds, retries } from './settings.js';
import { type ApiVersion, SDK_VERSION } from './version.js';

/** A call, ready to be sent. */
export interface Call {
  kind: Kind;
  /** Whether it moves money when it is carried out. */
  money: boolean;
  method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  path: string;
  query?: URLSearchParams | undefined;
  body?: string | undefined;
  version: ApiVersion;
  /** What the answer is when it is no JSON: it is handed over as text. */
  accept?: string | undefined;
  /** What is waited for when neither the call nor the client says it, in milliseconds. */
  patienceMs?: number | undefined;
  idempotencyKey?: string | undefined;
  clientToken?: string | undefined;
  /** Finds out what became of a charge whose answer was lost. */
  lookUp?: LookUp | undefined;
}

/** What a lookup of a charge found. */
export interface Found {
  answer: Answer;
  payment: TerminalPayment | LegacyTerminalPayment;
  /** Whether it is what the call waits for. */
  settled: boolean;
}

/** Looks a charge up by its identity; nothing when the platform does not know it. */
export type LookUp = (options: CallOptions) => Promise<Found | undefined>;

/** An answer as it came, beside what it says. */
export interface RawResponse {
  status: number;
  headers: Headers;
  requestId: string | undefined;
  /** Whether it is the answer to an earlier request with the same idempotency key. */
  replayed: boolean;
}

/** A success. */
export interface Answer {
  data: unknown;
  response: RawResponse;
}

/** A call that has begun to be answered. */
export interface Begun {
  ok: boolean;
  /** What the answer says, once all of it is there. */
  rest(limitMs: number): Promise<Attempt>;
}

/** An attempt that is no success. */
export interface Failed {
  failure: Failure;
  /** What the answer says, when there was one. */
  refusal?: VinrErrorFacts;
}

/** How one attempt went. */
export type Attempt = { answer: Answer } | Failed;

/** Whom an exchange speaks to: the platform, or one terminal. */
export interface Peer {
  readonly baseUrl: string;
  readonly timeoutMs: number;
  readonly maxRetries: number;
  /** The value of `Authorization`; a terminal is shown none. */
  authorization(): string | undefined;
  /** It is a terminal on the local network. */
  readonly nearby?: boolean | undefined;
  /** Resolves when it can be spoken to. */
  ready?(): Promise<void>;
}

/** Carries out calls for one client. */
export class Exchange {
  readonly #peer: Peer;
  readonly #send: Sender;
  readonly #pause: Pause;

  constructor(peer: Peer, send: Sender, pause: Pause) {
    this.#peer = peer;
    this.#send = send;
    this.#pause = pause;
  }

  /** Whom it speaks to. */
  get peer(): Peer {
    return this.#peer;
  }

  /** Carries out the call; the answer, or a {@link VinrError}. */
  async perform(call: Call, options: CallOptions = {}): Promise<Answer> {
    await this.#peer.ready?.();
    const limit = milliseconds(options.timeoutMs, call.patienceMs ?? this.#peer.timeoutMs);
    const again = retries(options.maxRetries, this.#peer.maxRetries);
    let doubt = false;
    for (let retry = 1; ; retry += 1) {
      const attempt = await this.#attempt(call, limit, options.signal, doubt);
      if ('answer' in attempt) return attempt.answer;
      const { failure } = attempt;
      doubt = inDoubt(call.kind, failure) ?? doubt;
      let verdict = decide(call.kind, failure);
      let found: Found | undefined;
      if (verdict === 'look_up') {
        found = await this.#lookUp(call, options);
        if (found?.settled) return found.answer;
        verdict = failure.what === 'silent' ? 'give_up' : 'again';
      }
      if (verdict === 'give_up' || retry > again) throw failed(call, attempt, doubt, found, this.#peer.nearby);
      await this.rest(pauseMs(retry, failure, Math.random()), call, options.signal, doubt);
    }
  }

  /** Sends the call once and waits for the head of its answer, no longer than `limitMs`; the body may take its time. */
  async begin(call: Call, limitMs: number, signal: AbortSignal | undefined): Promise<Begun | Failed> {
    const control = new Limit(signal);
    const progress: Progress = { at: 'open' };
    control.within(limitMs);
    try {
      const response = await this.#send(this.#outgoing(call, control.signal, 'application/json', progress));
      const rest = async (ms: number): Promise<Attempt> => {
        control.within(ms);
        try {
          return read(response, await response.text());
        } catch (thrown) {
          if (signal?.aborted) throw aborted(call, true);
          return { failure: control.late ? { what: 'silent', afterMs: ms } : failureOf(thrown) };
        } finally {
          control.end();
        }
      };
      return { ok: response.ok, rest };
    } catch (thrown) {
      control.end();
      if (signal?.aborted) throw aborted(call, progress.at === 'open');
      return { failure: control.late ? silence(limitMs, progress) : failureOf(thrown, progress) };
    }
  }

  /** The error that a failed attempt is. */
  errorOf(call: Call, attempt: Failed, doubt: boolean): VinrError {
    return failed(call, attempt, doubt, undefined, this.#peer.nearby);
  }

  /** Sends the call and hands over the body as it comes; for streams. */
  async open(call: Call, options: CallOptions, signal: AbortSignal): Promise<Response> {
    await this.#peer.ready?.();
    const limit = milliseconds(options.timeoutMs, this.#peer.timeoutMs);
    const timer = new AbortController();
    const clock = setTimeout(() => timer.abort(), limit);
    const ended = (): void => timer.abort();
    signal.addEventListener('abort', ended, { once: true });
    try {
      // The signal goes on holding while the body is read, so it stays connected to the caller's.
      const response = await this.#send(this.#outgoing(call, timer.signal, 'text/event-stream'));
      if (response.ok) return response;
      const attempt = refused(response, await response.text());
      throw failed(call, attempt, false, undefined);
    } catch (thrown) {
      if (signal.aborted) throw aborted(call, false);
      if (thrown instanceof VinrError) throw thrown;
      const failure: Failure = timer.signal.aborted ? { what: 'silent', afterMs: limit } : failureOf(thrown);
      throw failed(call, { failure }, false, undefined);
    } finally {
      clearTimeout(clock);
    }
  }

  /** Pauses, unless the caller ends the call. */
  async rest(ms: number, call: Call, signal: AbortSignal | undefined, doubt: boolean): Promise<void> {
    await this.#pause(ms, signal);
    if (signal?.aborted) throw aborted(call, doubt);
  }

  #outgoing(call: Call, signal: AbortSignal, accept: string, progress?: Progress): Parameters<Sender>[0] {
    const query = call.query?.toString();
    const headers: Record<string, string> = {
      accept,
      'vinr-version': call.version,
      'user-agent': `vinr-node/${SDK_VERSION} node/${process.versions.node}`,
    };
    const authorization = this.#peer.authorization();
    if (authorization !== undefined) headers['authorization'] = authorization;
    if (call.body !== undefined) headers['content-type'] = 'application/json';
    if (call.idempotencyKey !== undefined) headers['idempotency-key'] = call.idempotencyKey;
    const url = `${this.#peer.baseUrl}${call.path}${query ? `?${query}` : ''}`;
    return { method: call.method, url, headers, body: call.body, signal, progress };
  }

  async #attempt(call: Call, limitMs: number, signal: AbortSignal | undefined, doubt: boolean): Promise<Attempt> {
    if (signal?.aborted) throw aborted(call, doubt);
    const control = new Limit(signal);
    const progress: Progress = { at: 'open' };
    control.within(limitMs);
    try {
      const response = await this.#send(this.#outgoing(call, control.signal, call.accept ?? 'application/json', progress));
      const text = await response.text();
      if (call.accept !== undefined && response.ok) return { answer: { data: text, response: raw(response) } };
      return read(response, text);
    } catch (thrown) {
      if (signal?.aborted) throw aborted(call, doubt || call.kind !== 'read');
      return { failure: control.late ? silence(limitMs, progress) : failureOf(thrown, progress) };
    } finally {
      control.end();
    }
  }

  async #lookUp(call: Call, options: CallOptions): Promise<Found | undefined> {
    try {
      return await call.lookUp?.({ signal: options.signal, maxRetries: options.maxRetries });
    } catch {
      // What is thrown is the charge's own failure: it says that the outcome is not known.
      return undefined;
    }
  }
}

/** Ends what takes too long, or what the caller ends. */
class Limit {
  readonly #control = new AbortController();
  readonly #caller: AbortSignal | undefined;
  readonly #abort = (): void => this.#control.abort();
  #clock: NodeJS.Timeout | undefined;
  /** Whether it took too long. */
  late = false;

  constructor(caller: AbortSignal | undefined) {
    this.#caller = caller;
    caller?.addEventListener('abort', this.#abort, { once: true });
    if (caller?.aborted) this.#abort();
  }

  get signal(): AbortSignal {
    return this.#control.signal;
  }

  /** From now, this long. */
  within(ms: number): void {
    clearTimeout(this.#clock);
    this.#clock = setTimeout(() => {
      this.late = true;
      this.#control.abort();
    }, ms);
  }

  end(): void {
    clearTimeout(this.#clock);
    this.#caller?.removeEventListener('abort', this.#abort);
  }
}

/** No answer in time; when the connection was not there either, nothing was sent. */
function silence(afterMs: number, progress: Progress): Failure {
  if (progress.at === 'open') return { what: 'silent', afterMs };
  const cause = Object.assign(new Error('ETIMEDOUT'), { code: 'ETIMEDOUT' });
  return { what: 'unsent', hopeless: false, cause, layer: progress.at === 'handshake' ? 'tls' : 'route' };
}

function raw(response: Response): RawResponse {
  return {
    status: response.status,
    headers: response.headers,
    requestId: response.headers.get('x-request-id') ?? undefined,
    replayed: response.headers.get('idempotent-replayed') === 'true',
  };
}

function read(response: Response, text: string): Attempt {
  if (!response.ok) return refused(response, text);
  const data = parsed(text);
  if (typeof data === 'object' && data !== null) return { answer: { data: fromWire(data), response: raw(response) } };
  return refused(response, text);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The error that an answer is. */
function refused(response: Response, text: string): Failed {
  const body = parsed(text);
  const error = typeof body === 'object' && body !== null && 'error' in body ? body.error : undefined;
  const told = (typeof error === 'object' && error !== null ? error : {}) as Record<string, unknown>;
  const ours = !response.ok && typeof told['type'] === 'string' && typeof told['code'] === 'string';
  const word = (name: string): string | undefined => (ours && typeof told[name] === 'string' ? told[name] : undefined);
  const after = Number.parseInt(response.headers.get('retry-after') ?? '', 10);
  const retryAfter = Number.isNaN(after) ? undefined : after;
  const { status } = response;
  const refusal: VinrErrorFacts = {
    type: word('type') ?? typeOfStatus(status),
    code: word('code') ?? (response.ok ? 'unreadable_answer' : `http_${status}`),
    message: word('message') ?? `the answer ${status} is not one of the API's: is baseUrl right, or something in between?`,
    declineCode: word('decline_code'),
    param: word('param'),
    paymentId: word('payment'),
    docUrl: word('doc_url'),
    requestId: word('request_id') ?? raw(response).requestId,
    statusCode: status,
    retryAfter,
  };
  const moneyMayHaveMoved = ours && told['money_may_have_moved'] === true;
  const answer: Refusal = { status, ours, retry: word('retry'), moneyMayHaveMoved, retryAfter };
  return { failure: { what: 'answered', answer }, refusal };
}

/** The error that a call ends with. */
function failed(call: Call, attempt: Failed, doubt: boolean, found: Found | undefined, nearby = false): VinrError {
  const { failure, refusal } = attempt;
  const told = failure.what === 'answered' && failure.answer.moneyMayHaveMoved;
  const identity = doubt ? { clientToken: call.clientToken, idempotencyKey: call.idempotencyKey, payment: found?.payment } : {};
  const facts = { outcomeUnknown: doubt || told, moneyMayHaveMoved: (doubt && call.money) || told, ...identity };
  const advice = doubt && call.kind === 'charge' ? '; the payment may have been made: retrieve it before creating another' : '';
  const what = `${call.method} ${call.path}`;
  const at = (layer: Layer): { layer?: Layer } => (nearby ? { layer } : {});
  const where = (layer: Layer): string => (nearby ? ` at the layer ${layer}` : '');
  const Lost = nearby ? LocalConnectionError : ApiConnectionError;
  switch (failure.what) {
    case 'answered': {
      const { status, ours } = failure.answer;
      const layer = /^certificate_/.test(refusal?.code ?? '') ? 'certificate' : status < 500 || ours ? 'terminal' : 'http';
      return errorOfType({ ...(refusal as VinrErrorFacts), ...facts, ...at(layer) });
    }
    case 'silent': {
      const Late = nearby ? LocalConnectionError : ApiTimeoutError;
      const message = `no answer to ${what} within ${failure.afterMs} ms${where('terminal')}${advice}`;
      return new Late({ type: 'timeout_error', code: 'timeout', message, ...facts, ...at('terminal') });
    }
    case 'unsent': {
      const { cause, layer } = failure;
      const message = `could not connect for ${what}${where(layer)} (${cause.message})`;
      return new Lost({ type: 'connection_error', code: failure.code ?? 'not_connected', message, cause, ...facts, ...at(layer) });
    }
    case 'lost': {
      const { cause, layer } = failure;
      const message = `the connection was lost during ${what}${where(layer)} (${cause.message})${advice}`;
      return new Lost({ type: 'connection_error', code: 'connection_lost', message, cause, ...facts, ...at(layer) });
    }
  }
}

function aborted(call: Call, doubt: boolean): VinrError {
  const identity = doubt ? { clientToken: call.clientToken, idempotencyKey: call.idempotencyKey } : {};
  const message = `${call.method} ${call.path} was ended by its signal`;
  const facts = { outcomeUnknown: doubt, moneyMayHaveMoved: doubt && call.money, ...identity };
  return new RequestAbortedError({ type: 'aborted_error', code: 'aborted', message, ...facts });
}
