// What events look like: one type for each kind, told apart by `type`.

import type { Batch, Refund, Terminal, TerminalAction, TerminalPayment, WebhookEndpoint } from './generated/api.js';

interface EventOf<Type extends string, Data> {
  id: string;
  object: 'event';
  /** What happened. */
  type: Type;
  livemode: boolean;
  /** When, in Unix seconds. */
  created: number;
  /** Its place among the events of its object. */
  sequence: number;
  data: Data;
}

/** A payment moved. */
export type TerminalPaymentEvent = EventOf<
  `terminal_payment.${'created' | 'updated' | 'authorized' | 'completed' | 'failed' | 'cancelled' | 'expired'}`, { object: TerminalPayment }
>;
/** A refund moved. */
export type RefundEvent = EventOf<`refund.${'created' | 'updated'}`, { object: Refund }>;
/** A terminal came, went, changed, or needs somebody. */
export type TerminalEvent = EventOf<
  `terminal.${'online' | 'offline' | 'updated' | 'needs_attention'}`, Partial<Terminal> & Pick<Terminal, 'id' | 'locationId' | 'lastSeen'>
>;
/** A remote action moved. */
export type TerminalActionEvent = EventOf<'terminal_action.updated', TerminalAction>;
/** A batch was closed. */
export type BatchEvent = EventOf<'batch.closed', Batch>;
/** An endpoint was given up, or a test was asked for. */
export type WebhookEndpointEvent = EventOf<`webhook_endpoint.${'disabled' | 'test'}`, Partial<WebhookEndpoint>>;

/** Something that happened. Webhooks, lists and streams have the same. */
export type VinrEvent = TerminalPaymentEvent | RefundEvent | TerminalEvent | TerminalActionEvent | BatchEvent | WebhookEndpointEvent;
