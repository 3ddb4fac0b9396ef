// Payments in hybrid mode, from the caller's side: which name an order gets, what is sent on either way under that name, and how what
// is not known is found out later.

import { ConfigurationError, InvalidRequestError } from '../errors.js';
import type { Answer, Call, Found } from '../exchange.js';
import { idempotencyKey, newClientToken } from '../identity.js';
import { toQuery } from '../letter_case.js';
import type { AnyPayment, TerminalsNearby } from '../local/terminals_nearby.js';
import type { CreatePaymentParams } from '../resources/terminal_payments.js';
import type { CallOptions } from '../settings.js';
import type { ApiVersion } from '../version.js';
import { type Courier, newRecord } from './courier.js';
import { type Delegation, type Delegations, type Identity, type Order, identityOf } from './delegations.js';

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** What the group of calls that speaks to the platform lends. */
export interface CloudCalls {
  version: ApiVersion;
  create(params: CreatePaymentParams & { clientToken: string }, options: CallOptions): Promise<Answer>;
  find(order: { terminalId?: string | undefined; reference?: string | undefined; clientToken: string; since?: number }, options: CallOptions): Promise<Found | undefined>;
  resolve(clientToken: string): Promise<AnyPayment>;
}

/** Payments that go by the shop's network first. */
export class HybridPayments {
  readonly #nearby: TerminalsNearby;
  readonly #courier: Courier;
  readonly #delegations: Delegations;

  constructor(nearby: TerminalsNearby, courier: Courier, delegations: Delegations) {
    this.#nearby = nearby;
    this.#courier = courier;
    this.#delegations = delegations;
  }

  /** Creates the payment, or goes on with the one that this order was before. */
  async create(params: CreatePaymentParams, cloud: CloudCalls, options: CallOptions): Promise<Answer> {
    const { connectivity, simulateCard, simulateDelay, responseMode: _, ...asked } = params;
    const order = orderOf(asked);
    const { record, resumed } = await this.#named(order, params.clientToken ?? undefined);
    const body = { ...asked, clientToken: record.intent };
    const charge: Call = {
      kind: 'charge',
      money: true,
      method: 'POST',
      path: '/v1/pay',
      query: toQuery({ simulateCard, simulateDelay }),
      body: JSON.stringify(body),
      version: cloud.version,
      idempotencyKey: idempotencyKey(options.idempotencyKey),
      clientToken: record.intent,
    };
    this.#nearby.charged(order.reference, order.terminalId);
    const errand = {
      version: cloud.version, charge, record, resumed, localTimeoutMs: connectivity?.localTimeoutMs, options, resolve: () => cloud.resolve(record.intent),
      cloud: {
        create: () => cloud.create({ ...body, simulateCard, simulateDelay }, options),
        find: (asking: CallOptions) => cloud.find({ ...order, clientToken: record.intent, since: record.createdAt }, asking),
      },
    };
    return this.#courier.carry(errand, true);
  }

  /** What became of the payment of this name. Asks both ways, creates nothing. */
  async resolve(clientToken: string, cloud: CloudCalls, options: CallOptions): Promise<Answer> {
    const intent = checked(clientToken);
    const known = await this.#delegations.load(intent);
    const record = known ?? newRecord({ terminalId: '', amount: 0, currency: '' }, intent);
    const where = known === undefined ? {} : { terminalId: known.terminalId, reference: known.reference, since: known.createdAt };
    const errand = {
      version: cloud.version, charge: undefined, record, resumed: known !== undefined, localTimeoutMs: undefined, options, resolve: () => cloud.resolve(intent),
      cloud: {
        create: () => Promise.reject(new InvalidRequestError({ type: 'invalid_request_error', code: 'not_found', message: 'nothing is created while resolving' })),
        find: (asking: CallOptions) => cloud.find({ ...where, clientToken: intent }, asking),
      },
    };
    return this.#courier.carry(errand, known !== undefined);
  }

  async #named(order: Order, clientToken: string | undefined): Promise<{ record: Delegation; resumed: boolean }> {
    const { intent, record } = await this.#identity(order, clientToken);
    if (record !== undefined) return { record: { ...record }, resumed: true };
    return { record: newRecord(order, intent ?? newClientToken()), resumed: false };
  }

  async #identity(order: Order, clientToken: string | undefined): Promise<Identity> {
    if (clientToken === undefined) return identityOf(order, undefined, await this.#delegations.find(order));
    const known = await this.#delegations.load(checked(clientToken));
    return identityOf(order, clientToken, known === undefined ? [] : [known]);
  }
}

function orderOf(asked: Omit<CreatePaymentParams, 'connectivity'>): Order {
  const { terminalId, amount, currency, reference } = asked;
  if (typeof terminalId !== 'string' || terminalId === '') {
    throw new ConfigurationError('parameter_missing', 'hybrid mode needs the terminal: terminalId', 'terminalId');
  }
  return { terminalId, amount, currency, reference: reference ?? undefined };
}

function checked(clientToken: string): string {
  if (typeof clientToken === 'string' && UUID.test(clientToken)) return clientToken.toLowerCase();
  throw new ConfigurationError('parameter_invalid', 'a client token is a UUID', 'clientToken');
}
