// What the package offers.

export { Vinr, Vinr as default } from './client.js';
export type { CallOptions, TerminalOptions, VinrOptions } from './settings.js';
export { ApiCall, type WithResponse } from './api_call.js';
export type { RawResponse } from './exchange.js';
export { List, Page } from './page.js';
export {
  ApiConnectionError, ApiError, ApiTimeoutError, AuthenticationError, CardError, ConfigurationError, ConflictError, InvalidRequestError, LocalConnectionError,
  PermissionDeniedError, RateLimitError, RequestAbortedError, SignatureVerificationError, VinrError,
} from './errors.js';
export type { Layer, LocalFailure } from './errors.js';
export { DelegationFiles, type Delegation, type Delegations, type Order } from './hybrid/delegations.js';
export type { RecordState } from './hybrid/decide.js';
export type {
  BatchEvent, RefundEvent, TerminalActionEvent, TerminalEvent, TerminalPaymentEvent, VinrEvent, WebhookEndpointEvent,
} from './events.js';
export { Webhooks, type SignatureSource } from './webhooks.js';
export { SDK_VERSION, type ApiVersion } from './version.js';
export type { Connectivity, CreateLocalPaymentParams, CreatePaymentParams } from './resources/terminal_payments.js';
export type { ConfigProgress } from './resources/locations.js';
export type { DiscoverParams } from './resources/readers.js';
export type { Reader } from './local/terminals_nearby.js';
export type { DryRun } from './resources/terminals.js';
export type { StreamParams } from './resources/event_log.js';
export type * from './generated/api.js';
