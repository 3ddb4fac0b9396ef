// What works in test mode only: simulated terminals and the cards that are presented to them.

import type { ApiCall } from '../api_call.js';
import type { CreateTestTerminal, Deleted, PresentTestCard, Terminal, TerminalPayment } from '../generated/api.js';
import { segment } from '../identity.js';
import { Resource } from '../resource.js';
import type { CallOptions } from '../settings.js';

/** `vinr.testHelpers.terminals` */
export class TestTerminals extends Resource {
  /** Makes a simulated terminal of any model. */
  create(params: CreateTestTerminal = {}, options?: CallOptions): ApiCall<Terminal> {
    return this.write<Terminal>(() => '/v1/test/terminals', { body: params }, options);
  }

  /** Takes it away. */
  delete(id: string, options?: CallOptions): ApiCall<Deleted> {
    return this.remove<Deleted>(() => `/v1/test/terminals/${segment('id', id)}`, options);
  }

  /** Presents a card to the payment that waits on it. */
  presentCard(id: string, params: PresentTestCard = {}, options?: CallOptions): ApiCall<TerminalPayment> {
    return this.write<TerminalPayment>(() => `/v1/test/terminals/${segment('id', id)}/present-card`, { body: params }, options);
  }
}
