// Batches: what a terminal took since it was last settled.

import type { ApiCall } from '../api_call.js';
import type { Batch, CloseBatch, ClosedBatches, ListBatchesQuery } from '../generated/api.js';
import { segment } from '../identity.js';
import type { List } from '../page.js';
import { Resource } from '../resource.js';
import type { CallOptions } from '../settings.js';

/** `vinr.batches` */
export class Batches extends Resource {
  /** Closes what a terminal has open; the same reference is the same batch. */
  close(params: CloseBatch, options?: CallOptions): ApiCall<ClosedBatches> {
    return this.write<ClosedBatches>(() => '/v1/batches/close', { body: params }, options);
  }

  /** The batch as it is now. */
  retrieve(id: string, options?: CallOptions): ApiCall<Batch> {
    return this.read<Batch>(() => `/v1/batches/${segment('id', id)}`, {}, options);
  }

  /** Batches, newest first. */
  list(params: ListBatchesQuery = {}, options?: CallOptions): List<Batch> {
    return this.pages<Batch>(() => '/v1/batches', params, options);
  }
}
