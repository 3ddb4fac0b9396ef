// Refunds: money given back of a terminal payment, in parts or whole.

import type { ApiCall } from '../api_call.js';
import type { CreateRefund, ListRefundsQuery, Refund, UpdateRefund } from '../generated/api.js';
import { segment } from '../identity.js';
import type { List } from '../page.js';
import { Resource } from '../resource.js';
import type { CallOptions } from '../settings.js';

const PATH = '/v1/refunds';

/** `vinr.refunds` */
export class Refunds extends Resource {
  /** Gives money back; all that is left unless an amount is given. */
  create(params: CreateRefund, options?: CallOptions): ApiCall<Refund> {
    return this.write<Refund>(() => PATH, { body: params, money: true }, options);
  }

  /** The refund as it is now. */
  retrieve(id: string, options?: CallOptions): ApiCall<Refund> {
    return this.read<Refund>(() => `${PATH}/${segment('id', id)}`, {}, options);
  }

  /** Changes its metadata. */
  update(id: string, params: UpdateRefund, options?: CallOptions): ApiCall<Refund> {
    return this.write<Refund>(() => `${PATH}/${segment('id', id)}`, { body: params }, options);
  }

  /** Refunds, newest first. */
  list(params: ListRefundsQuery = {}, options?: CallOptions): List<Refund> {
    return this.pages<Refund>(() => PATH, params, options);
  }
}
