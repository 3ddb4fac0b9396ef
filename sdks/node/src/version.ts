// What this SDK is called and which versions of the API it speaks.

/** The version of this package. */
export const SDK_VERSION = '0.1.0';

/** Versions of the API: how payments and refunds are written. */
export type ApiVersion = '2026-06-11' | '2025-05-31';

/** What `vinr.terminal.payments` and everything but `vinr.terminalPayments` speaks. */
export const CURRENT: ApiVersion = '2026-06-11';

/** What `vinr.terminalPayments` speaks. */
export const LEGACY: ApiVersion = '2025-05-31';
