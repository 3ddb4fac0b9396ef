// Carries out what hybrid mode decides: writes down, sends, asks, and says what happened. Decides nothing itself.

import type { ApiCall } from '../api_call.js';
import {
  ApiConnectionError, ConfigurationError, InvalidRequestError, type Layer, type LocalFailure, RequestAbortedError,
  VinrError, amended,
} from '../errors.js';
import type { Answer, Attempt, Begun, Call, Failed, Found } from '../exchange.js';
import type { AnyPayment, TerminalsNearby } from '../local/terminals_nearby.js';
import { type CallOptions, type Pause, milliseconds } from '../settings.js';
import type { ApiVersion } from '../version.js';
import { type HybridEvent, type HybridState, type HybridStep, decide } from './decide.js';
import type { Delegation, Delegations, Order } from './delegations.js';

const HEAD_MS = 2_000;
const BODY_MS = 150_000;
const REFUSAL_MS = 5_000;
const SILENCE_MS = 10_000;
const LOOK_MS = 150_000;
const QUESTION_MS = 5_000;
const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 2_000;

/** The way to the platform for one payment. */
export interface CloudWay {
  /** Creates it, and waits for its outcome. */
  create(): Promise<Answer>;
  /** Reads it; nothing when the platform does not know it. */
  find(options: CallOptions): Promise<Found | undefined>;
}

/** One payment on its way. */
export interface Errand {
  version: ApiVersion;
  /** The charge at the terminal; absent when nothing may be created. */
  charge: Call | undefined;
  record: Delegation;
  /** Whether the record was there before. */
  resumed: boolean;
  localTimeoutMs: number | undefined;
  cloud: CloudWay;
  options: CallOptions;
  /** Asks again for what is not known. */
  resolve: () => ApiCall<AnyPayment> | Promise<AnyPayment>;
}

/** What an event brings beside itself. */
type Heard = { event: HybridEvent; answer?: Answer | undefined; error?: VinrError | undefined };

/** Carries payments by the shop's network, and by the platform. */
export class Courier {
  readonly #nearby: TerminalsNearby;
  readonly #delegations: Delegations;
  readonly #pause: Pause;
  readonly #tell: ((failure: LocalFailure) => void) | undefined;

  constructor(nearby: TerminalsNearby, delegations: Delegations, pause: Pause, tell: ((failure: LocalFailure) => void) | undefined) {
    this.#nearby = nearby;
    this.#delegations = delegations;
    this.#pause = pause;
    this.#tell = tell;
  }

  /** Brings the payment to its end; the answer, or the error that says what is not known. */
  async carry(errand: Errand, known: boolean): Promise<Answer> {
    const record = errand.resumed ? errand.record.state : undefined;
    const trip = new Trip(errand);
    let heard: Heard = { event: { type: errand.charge === undefined ? 'resolve' : 'create', record } };
    let state: HybridState = { phase: 'new' };
    for (;;) {
      const step = decide(state, heard.event);
      if (step.told !== undefined) this.#warn(trip, step.told, heard.error);
      const stopped = await this.#write(errand, step, known);
      if (stopped !== undefined) throw this.#explained(trip, stopped, state.sent === true || heardOf(heard.event));
      if (step.action === 'return') return returned(heard.answer as Answer, step.connectionMode);
      if (step.action === 'throw') throw this.#thrown(trip, step, heard.error);
      state = step.next;
      heard = await this.#act(trip, step.action, state);
    }
  }

  /** Writes down what comes next. An end that cannot be written down is an end all the same; anything else stops here. */
  async #write(errand: Errand, step: HybridStep, known: boolean): Promise<VinrError | undefined> {
    if (step.save === undefined) return undefined;
    try {
      if (step.save === 'erased') await this.#delegations.erase(errand.record.intent);
      else if (known || step.save === 'local') {
        Object.assign(errand.record, { state: step.save, updatedAt: Date.now() });
        await this.#delegations.save(errand.record);
      }
      return undefined;
    } catch (thrown) {
      if (step.action === 'return' || step.action === 'throw') return undefined;
      if (thrown instanceof VinrError) return thrown;
      const error = new ConfigurationError('state_unusable', 'the record of a payment cannot be written: it goes no further', 'terminal.delegations');
      error.cause = thrown;
      return error;
    }
  }

  #warn(trip: Trip, layer: Layer, error: VinrError | undefined): void {
    trip.localFailure = { layer, code: error?.code ?? 'timeout', message: error?.message ?? 'the terminal could not say what became of it' };
    try {
      this.#tell?.(trip.localFailure);
    } catch {
      // A listener is told; it cannot stand in the way of a payment.
    }
  }

  #thrown(trip: Trip, step: HybridStep, given: VinrError | undefined): VinrError {
    const { error, outcomeUnknown } = step.throw as NonNullable<HybridStep['throw']>;
    if (error === 'given' && given !== undefined) return this.#explained(trip, given, outcomeUnknown);
    if (error === 'payment_not_found') {
      const message = 'neither the terminal nor the platform has this payment: it was not charged';
      return new InvalidRequestError({ type: 'invalid_request_error', code: 'payment_not_found', message, param: 'clientToken' });
    }
    const message = 'what became of the payment cannot be told yet: do not create another, resolve this one';
    const unknown = new ApiConnectionError({ type: 'connection_error', code: 'outcome_unknown', message, payment: trip.payment, cause: given });
    return this.#explained(trip, unknown, true);
  }

  #explained(trip: Trip, error: VinrError, outcomeUnknown: boolean): VinrError {
    const { localFailure } = trip;
    if (!outcomeUnknown) return amended(error, { outcomeUnknown: false, moneyMayHaveMoved: false, ...(localFailure && { localFailure }) });
    const resolve = async (): Promise<AnyPayment> => trip.errand.resolve();
    const clientToken = trip.errand.record.intent;
    return amended(error, { outcomeUnknown: true, moneyMayHaveMoved: true, clientToken, resolve, ...(localFailure && { localFailure }) });
  }

  async #act(trip: Trip, action: HybridStep['action'], state: HybridState): Promise<Heard> {
    try {
      switch (action) {
        case 'send_local':
          return await this.#sendLocal(trip);
        case 'wait_body':
          return await this.#waitForBody(trip);
        case 'ask_local':
          return (await trip.restBefore(state, this.#pause)) ?? (await this.#askLocal(trip));
        case 'ask_cloud':
          return (await trip.restBefore(state, this.#pause)) ?? (await askCloud(trip));
        case 'send_cloud':
          return await sendCloud(trip);
        default:
          throw new Error(`${action} is nothing to carry out`);
      }
    } catch (thrown) {
      if (!(thrown instanceof RequestAbortedError)) throw thrown;
      return { event: { type: 'aborted', sent: thrown.outcomeUnknown }, error: thrown };
    }
  }

  async #sendLocal(trip: Trip): Promise<Heard> {
    const { charge, record, localTimeoutMs, options } = trip.errand;
    const call = charge as Call;
    const until = Date.now() + milliseconds(localTimeoutMs, HEAD_MS);
    const left = (): number => Math.max(1, until - Date.now());
    try {
      await this.#nearby.find(record.terminalId, left(), { signal: options.signal });
    } catch (thrown) {
      return unfound(thrown);
    }
    const begun = await this.#nearby.begin(record.terminalId, call, left(), options.signal);
    if (!('rest' in begun)) return this.#localFailure(trip, begun);
    if (begun.ok) {
      trip.begun = begun;
      return { event: { type: 'head' } };
    }
    const refused = await begun.rest(REFUSAL_MS);
    return 'answer' in refused ? { event: { type: 'body_lost' } } : this.#localFailure(trip, refused);
  }

  async #waitForBody(trip: Trip): Promise<Heard> {
    const attempt: Attempt = await (trip.begun as Begun).rest(BODY_MS);
    if (!('answer' in attempt)) return { event: { type: 'body_lost' }, error: this.#errorOf(trip, attempt, true) };
    const payment = attempt.answer.data as AnyPayment;
    if (typeof payment.status !== 'string') return { event: { type: 'body_lost' } };
    return { event: { type: 'local_payment', status: statusOf(payment) }, answer: attempt.answer };
  }

  async #askLocal(trip: Trip): Promise<Heard> {
    const { record, version, options } = trip.errand;
    const { terminalId, reference, intent } = record;
    if (terminalId === '') return { event: { type: 'local_absent' } };
    try {
      const ask = this.#nearby.lookUp(terminalId, reference, intent, version);
      const found = await ask({ signal: options.signal, timeoutMs: QUESTION_MS, maxRetries: 0 });
      trip.answered();
      if (found === undefined) return { event: { type: 'local_absent' } };
      trip.payment = found.payment;
      return { event: { type: 'local_payment', status: statusOf(found.payment) }, answer: found.answer };
    } catch (thrown) {
      if (thrown instanceof RequestAbortedError || !(thrown instanceof VinrError)) throw thrown;
      return { event: { type: 'local_failed', layer: thrown.layer ?? 'certificate', sent: false }, error: thrown };
    }
  }

  #errorOf(trip: Trip, attempt: Failed, doubt: boolean): VinrError {
    return this.#nearby.errorOf(trip.errand.record.terminalId, trip.errand.charge as Call, attempt, doubt);
  }

  /** What an attempt at the terminal that brought no payment means. */
  #localFailure(trip: Trip, attempt: Failed): Heard {
    const { failure, refusal } = attempt;
    const sent = failure.what !== 'unsent' && failure.what !== 'answered';
    const error = this.#errorOf(trip, attempt, sent);
    const failed = (layer: Layer, mayHaveHeard: boolean): Heard => {
      // Its address may be another by now.
      if (layer !== 'terminal') this.#nearby.forget(trip.errand.record.terminalId);
      return { event: { type: 'local_failed', layer, sent: mayHaveHeard }, error };
    };
    if (failure.what !== 'answered') return failed(failure.what === 'silent' ? 'terminal' : failure.layer, sent);
    const { status, ours, moneyMayHaveMoved } = failure.answer;
    const code = refusal?.code ?? '';
    if (!ours) return failed('http', true);
    if (/^certificate_/.test(code)) return failed(/_(?:expired|not_yet_valid)$/.test(code) ? 'clock' : 'certificate', false);
    if ([404, 429, 503].includes(status) && !moneyMayHaveMoved) return failed('terminal', false);
    if (status >= 500 || moneyMayHaveMoved) return failed('http', true);
    return { event: { type: 'local_refused', code }, error };
  }
}

/** What is remembered while one payment is on its way. */
class Trip {
  readonly errand: Errand;
  readonly #beganAt = Date.now();
  #answeredAt = 0;
  begun: Begun | undefined;
  payment: AnyPayment | undefined;
  localFailure: LocalFailure | undefined;
  #questions = 0;
  #askedSince = 0;
  #pausedMs = 0;

  constructor(errand: Errand) {
    this.errand = errand;
  }

  /** The time; pauses count in full, however long they took. */
  #now(): number {
    return Math.max(Date.now(), this.#beganAt + this.#pausedMs);
  }

  /** The terminal has said something. */
  answered(): void {
    this.#answeredAt = this.#now();
  }

  /** Pauses between questions; the event that it has been long enough. */
  async restBefore(state: HybridState, pause: Pause): Promise<Heard | undefined> {
    const { signal, timeoutMs } = this.errand.options;
    const now = this.#now();
    if (this.#questions === 0) this.#askedSince = this.#answeredAt = now;
    const silent = state.phase === 'asking' && now - this.#answeredAt >= SILENCE_MS;
    const over = now - (state.phase === 'asking' ? this.#askedSince : this.#beganAt) >= milliseconds(timeoutMs, LOOK_MS);
    if (silent || over) return { event: { type: 'asked_long_enough' } };
    if (this.#questions > 0) {
      const ms = Math.min(FIRST_PAUSE_MS * 2 ** (this.#questions - 1), LONGEST_PAUSE_MS);
      await pause(ms, signal);
      this.#pausedMs += ms;
    }
    this.#questions += 1;
    if (!signal?.aborted) return undefined;
    const message = 'the payment was ended by its signal';
    return { event: { type: 'aborted', sent: true }, error: new RequestAbortedError({ type: 'aborted_error', code: 'aborted', message }) };
  }
}

function heardOf(event: HybridEvent): boolean {
  return 'sent' in event ? event.sent : ['head', 'body_lost', 'local_payment', 'local_absent', 'asked_long_enough'].includes(event.type);
}

function returned(answer: Answer, mode: 'local' | 'cloud' | undefined): Answer {
  if (mode === undefined) return answer;
  const payment = answer.data as AnyPayment;
  return { ...answer, data: { ...payment, metadata: { ...payment.metadata, connectionMode: mode } } };
}

/** The terminal is nowhere, or the till has nothing to speak to it with. */
function unfound(thrown: unknown): Heard {
  if (thrown instanceof RequestAbortedError || !(thrown instanceof VinrError)) throw thrown;
  if (thrown.code === 'simulator_not_available' || thrown.code === 'parameter_missing') throw thrown;
  return { event: { type: 'local_failed', layer: thrown.layer ?? 'certificate', sent: false }, error: thrown };
}

async function sendCloud(trip: Trip): Promise<Heard> {
  try {
    const answer = await trip.errand.cloud.create();
    return { event: { type: 'cloud_payment', status: statusOf(answer.data as AnyPayment) }, answer };
  } catch (thrown) {
    return cloudFailure(thrown);
  }
}

async function askCloud(trip: Trip): Promise<Heard> {
  try {
    const found = await trip.errand.cloud.find({ signal: trip.errand.options.signal });
    if (found === undefined) return { event: { type: 'cloud_absent' } };
    trip.payment = found.payment;
    return { event: { type: 'cloud_payment', status: statusOf(found.payment) }, answer: found.answer };
  } catch (thrown) {
    return cloudFailure(thrown);
  }
}

function cloudFailure(thrown: unknown): Heard {
  if (thrown instanceof RequestAbortedError || !(thrown instanceof VinrError)) throw thrown;
  const { statusCode = 0, outcomeUnknown } = thrown;
  if (!outcomeUnknown && statusCode >= 400 && statusCode < 500 && statusCode !== 429) return { event: { type: 'cloud_refused', code: thrown.code }, error: thrown };
  return { event: { type: 'cloud_failed', sent: outcomeUnknown }, error: thrown };
}

/** The status that decides: an approval without the internet is the terminal's last word for the time being, and is `processing` for long. */
function statusOf(payment: AnyPayment): string {
  return payment.status === 'processing' && payment.offline === true ? 'offline' : payment.status;
}

/** What is written down about an order that is new. */
export function newRecord(order: Order, intent: string): Delegation {
  const now = Date.now();
  const { terminalId, reference, amount, currency } = order;
  return { v: 1, intent, terminalId, ...(reference !== undefined && { reference }), amount, currency, state: 'local', createdAt: now, updatedAt: now };
}

