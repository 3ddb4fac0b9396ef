// Payments on terminals: created, looked at, captured, cancelled. Owns the identity that makes a lost answer harmless.

import { ApiCall } from '../api_call.js';
import { ApiConnectionError, ConfigurationError, InvalidRequestError } from '../errors.js';
import type { Answer, Call, Exchange, Found } from '../exchange.js';
import type { CapturePayment, CreatePayment, CreateTerminalPaymentQuery, Currency, LegacyTerminalPayment, ListTerminalPaymentsQuery, TerminalPayment } from '../generated/api.js';
import { idempotencyKey, newClientToken, segment } from '../identity.js';
import { toQuery } from '../letter_case.js';
import type { CloudCalls, HybridPayments } from '../hybrid/payments.js';
import type { AnyPayment, TerminalsNearby } from '../local/terminals_nearby.js';
import type { List } from '../page.js';
import { Resource } from '../resource.js';
import type { CallOptions } from '../settings.js';
import { CURRENT, type ApiVersion } from '../version.js';

const PATH = '/v1/terminal/payments';
/** A customer may take 90 seconds, and the platform holds a sync request for 130. */
const SYNC_PATIENCE_MS = 150_000;
const LOOK_UP_MS = 10_000;
const DAY_S = 86_400;

/** How a payment reaches its terminal. */
export interface Connectivity {
  /** `cloud` (default): through the platform. `local`: over the network of the shop. `hybrid`: the latter, and the platform when the terminal is not there. */
  mode: 'cloud' | 'local' | 'hybrid';
  /** Hybrid: how long the terminal has to acknowledge the command, in milliseconds; 2 000 unless given. The customer has all the time. */
  localTimeoutMs?: number | undefined;
}

/** What a payment is created with. */
export type CreatePaymentParams = CreatePayment & CreateTerminalPaymentQuery & { connectivity?: Connectivity | undefined };

/** What a local payment is created with. */
export interface CreateLocalPaymentParams {
  /** The terminal, as `readers.discover` names it. */
  readerId: string;
  /** What to collect, in the smallest unit of the currency. */
  amount: number;
  currency: Currency;
  /** Your own name for the order; what is not over of the same name stands in its way. */
  reference?: string | undefined;
  /** Free text. */
  description?: string | undefined;
  /** `manual`: held, and taken with `capture`. */
  captureMethod?: 'automatic' | 'manual' | undefined;
  /** Your own key-value pairs; never interpreted. */
  metadata?: Record<string, string> | undefined;
  /** The payment's identity on every path; made by the SDK unless given. */
  clientToken?: string | undefined;
  /** How this customer is asked for a tip; as the terminal is configured unless given. */
  tipConfig?: { mode?: 'percentage' | 'fixed' | undefined; suggestions?: number[] | undefined; allowCustom?: boolean | undefined } | undefined;
  /** What is sold, for the display. */
  lineItems?: Array<{ name: string; quantity?: number | undefined; amount: number }> | undefined;
  /** Test terminals only. */
  simulateCard?: CreateTerminalPaymentQuery['simulateCard'];
  /** Test terminals only, in seconds. */
  simulateDelay?: number | undefined;
}

/** What a payment is looked up by. */
interface Sought {
  terminalId?: string | null | undefined;
  reference?: string | null | undefined;
  clientToken: string;
}

/** The ways of a payment beside the platform's. */
export interface Ways {
  nearby: TerminalsNearby;
  hybrid: HybridPayments;
}

/** `vinr.terminal.payments` and `vinr.terminalPayments`: the same calls, in two versions. */
export class TerminalPayments<P extends TerminalPayment | LegacyTerminalPayment> extends Resource {
  /** @internal */
  protected readonly ways: Ways;

  /** @internal */
  constructor(exchange: Exchange, ways: Ways, version: ApiVersion = CURRENT) {
    super(exchange, version);
    this.ways = ways;
  }

  /**
   * Collects a payment on a terminal. It is answered while `pending`, or with `responseMode: 'sync'` with its outcome. A
   * declined card is a payment that is `failed`, not an error. With `connectivity` it goes over the local network, and waits.
   */
  create(params: CreatePaymentParams, options?: CallOptions): ApiCall<P> {
    return new ApiCall<P>(this.#created(params, options));
  }

  /** Collects a payment and waits for its outcome: {@link create} with `responseMode: 'sync'`. */
  createSync(params: CreatePaymentParams, options?: CallOptions): ApiCall<P> {
    return this.create({ ...params, responseMode: 'sync' }, options);
  }

  /** The payment as it is now. */
  retrieve(id: string, options?: CallOptions): ApiCall<P> {
    return this.read<P>(() => `${PATH}/${segment('id', id)}`, {}, options);
  }

  /** The newest payment with this reference: what became of it when its answer was lost. */
  retrieveByReference(reference: string, options?: CallOptions): ApiCall<P> {
    return new ApiCall<P>(this.newestOf(reference, options));
  }

  /** @internal */
  protected async newestOf(reference: string, options?: CallOptions): Promise<Answer> {
    if (typeof reference !== 'string' || reference === '') throw new ConfigurationError('parameter_missing', 'reference has to be a non-empty string', 'reference');
    const answer = await this.get(() => PATH, { reference, limit: 1 }, options);
    const newest = (answer.data as { data: P[] }).data[0];
    if (newest !== undefined) return { ...answer, data: newest };
    const { requestId } = answer.response;
    const message = 'no payment has this reference';
    throw new InvalidRequestError({ type: 'invalid_request_error', code: 'not_found', message, statusCode: 404, requestId, param: 'reference' });
  }

  /**
   * What became of the payment with this client token: asks its terminal and the platform until one of them knows. Charges nothing.
   * A payment that nobody has is an `InvalidRequestError` with the code `payment_not_found`: it may be created again.
   */
  resolve(clientToken: string, options?: CallOptions): ApiCall<P> {
    return new ApiCall<P>(this.ways.hybrid.resolve(clientToken, this.#cloudCalls(), { ...options }));
  }

  /** Payments, newest first. */
  list(params: ListTerminalPaymentsQuery = {}, options?: CallOptions): List<P> {
    return this.pages<P>(() => PATH, params, options);
  }

  /** Takes what was authorized: all of it, less, or up to the account's tolerance more. */
  capture(id: string, params: CapturePayment = {}, options?: CallOptions): ApiCall<P> {
    return this.#act(id, 'capture', params, options);
  }

  /** Cancels a payment that waits for a card, or gives up what is held. */
  cancel(id: string, options?: CallOptions): ApiCall<P> {
    return this.#act(id, 'cancel', {}, options);
  }

  #act(id: string, what: 'capture' | 'cancel', body: object, options?: CallOptions): ApiCall<P> {
    return this.write<P>(() => `${PATH}/${segment('id', id)}/${what}`, { body, money: what === 'capture' }, options);
  }

  async #created(params: CreatePaymentParams, options?: CallOptions): Promise<Answer> {
    switch (params.connectivity?.mode ?? 'cloud') {
      case 'cloud':
        return this.#charge(params, options);
      case 'hybrid':
        return this.ways.hybrid.create(params, this.#cloudCalls(), { ...options });
      case 'local': {
        const { connectivity: _, responseMode: __, terminalId, terminalGroup: ___, ...asked } = params;
        if (typeof terminalId !== 'string') throw new ConfigurationError('parameter_missing', 'local mode needs the terminal: terminalId', 'terminalId');
        return this.chargeNearby({ ...asked, readerId: terminalId } as CreateLocalPaymentParams, options);
      }
      default:
        throw new ConfigurationError('parameter_invalid', "connectivity.mode is 'cloud', 'local' or 'hybrid'", 'connectivity.mode');
    }
  }

  #cloudCalls(): CloudCalls {
    return {
      version: this.version,
      create: (params, options) => this.#charge({ ...params, responseMode: 'sync' }, options),
      find: ({ since, ...asked }, options) => this.#find(asked, true, options, since),
      resolve: async (clientToken) => this.resolve(clientToken),
    };
  }

  /** @internal */
  protected async chargeNearby(params: CreateLocalPaymentParams, options?: CallOptions): Promise<Answer> {
    const { readerId, simulateCard, simulateDelay, ...asked } = params;
    const clientToken = asked.clientToken ?? newClientToken();
    const call: Call = {
      kind: 'charge',
      money: true,
      method: 'POST',
      path: '/v1/pay',
      query: toQuery({ simulateCard, simulateDelay }),
      body: JSON.stringify({ terminalId: readerId, ...asked, clientToken }),
      version: this.version,
      patienceMs: SYNC_PATIENCE_MS,
      idempotencyKey: idempotencyKey(options?.idempotencyKey),
      clientToken,
      lookUp: this.ways.nearby.lookUp(readerId, asked.reference, clientToken, this.version),
    };
    this.ways.nearby.charged(asked.reference, readerId);
    return this.ways.nearby.perform(readerId, call, options);
  }

  async #charge(params: CreatePaymentParams, options?: CallOptions): Promise<Answer> {
    const { simulateCard, simulateDelay, connectivity: _, ...asked } = params;
    const body = { ...asked, clientToken: asked.clientToken ?? newClientToken() };
    const sync = asked.responseMode === 'sync';
    const call: Call = {
      kind: 'charge',
      money: true,
      method: 'POST',
      path: PATH,
      query: toQuery({ simulateCard, simulateDelay }),
      body: JSON.stringify(body),
      version: this.version,
      patienceMs: sync ? SYNC_PATIENCE_MS : undefined,
      idempotencyKey: idempotencyKey(options?.idempotencyKey),
      clientToken: body.clientToken,
      lookUp: (lookUpOptions) => this.#find(body, sync, lookUpOptions),
    };
    return this.exchange.perform(call, options);
  }

  /** The payment that bears the token, read and never created. */
  async #find(asked: Sought, sync: boolean, options: CallOptions, sinceMs: number = Date.now()): Promise<Found | undefined> {
    const fromDate = Math.floor(sinceMs / 1000) - DAY_S;
    const query = { terminalId: asked.terminalId ?? undefined, reference: asked.reference ?? undefined, fromDate, limit: 100 };
    const timeoutMs = Math.min(LOOK_UP_MS, this.exchange.peer.timeoutMs);
    const answer = await this.get(() => PATH, query, { ...options, timeoutMs });
    const token = asked.clientToken.toLowerCase();
    const data = (answer.data as { data: P[] }).data.find((one) => one.clientToken.toLowerCase() === token);
    if (data === undefined) return undefined;
    const settled = !sync || !['pending', 'processing'].includes(data.status);
    return { answer: { ...answer, data }, payment: data, settled };
  }
}

/** `vinr.terminal.payments`: also speaks to terminals on the local network. */
export class CurrentTerminalPayments extends TerminalPayments<TerminalPayment> {
  /** Collects a payment over the local network, and waits for its outcome. */
  createLocal(params: CreateLocalPaymentParams, options?: CallOptions): ApiCall<TerminalPayment> {
    return new ApiCall<TerminalPayment>(this.chargeNearby(params, options));
  }

  /**
   * The newest payment with this reference. One that was charged here over the local network is asked for at its terminal; the
   * platform is asked otherwise, and terminals that were found here when it cannot tell.
   */
  override retrieveByReference(reference: string, options?: CallOptions): ApiCall<TerminalPayment> {
    const run = async (): Promise<Answer> => {
      const { nearby } = this.ways;
      const here = await nearby.chargedHere(reference, { ...options }, this.version);
      if (here !== undefined) return fromTerminal(here);
      try {
        return await this.newestOf(reference, options);
      } catch (thrown) {
        const silent = thrown instanceof ApiConnectionError || (thrown instanceof InvalidRequestError && thrown.code === 'not_found');
        const found = silent ? await nearby.anywhere(reference, { ...options }, this.version) : undefined;
        if (found === undefined) throw thrown;
        return fromTerminal(found);
      }
    };
    return new ApiCall<TerminalPayment>(run());
  }
}

function fromTerminal(data: AnyPayment): Answer {
  return { data, response: { status: 200, headers: new Headers(), requestId: undefined, replayed: false } };
}
