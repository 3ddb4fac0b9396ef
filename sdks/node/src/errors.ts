// Everything that a call can fail with. An error says who has to act, whether the request may have been carried out all
// the same, and whether money may have moved. No error holds a key, a header or a body that was sent.

import type { ErrorCode, ErrorType, LegacyTerminalPayment, TerminalPayment } from './generated/api.js';

/** Which part of the way to a terminal failed: from finding it to its answer (sdks/conformance/README.md). */
export type Layer = 'name' | 'route' | 'port' | 'tls' | 'certificate' | 'clock' | 'http' | 'terminal';

/** Why the local network was not used. */
export interface LocalFailure {
  layer: Layer;
  code: string;
  message: string;
}

/** What is known about a failure; absent fields are not known. */
export interface VinrErrorFacts {
  type: ErrorType | 'connection_error' | 'timeout_error' | 'aborted_error' | 'signature_error' | 'configuration_error' | (string & {});
  code: ErrorCode | (string & {});
  message: string;
  declineCode?: string | undefined;
  param?: string | undefined;
  requestId?: string | undefined;
  statusCode?: number | undefined;
  retryAfter?: number | undefined;
  outcomeUnknown?: boolean | undefined;
  moneyMayHaveMoved?: boolean | undefined;
  paymentId?: string | undefined;
  docUrl?: string | undefined;
  clientToken?: string | undefined;
  idempotencyKey?: string | undefined;
  payment?: TerminalPayment | LegacyTerminalPayment | undefined;
  layer?: Layer | undefined;
  localFailure?: LocalFailure | undefined;
  resolve?: (() => Promise<TerminalPayment | LegacyTerminalPayment>) | undefined;
  cause?: unknown;
}

/** What every error of this SDK is. */
export class VinrError extends Error {
  /** Who has to act. */
  readonly type: VinrErrorFacts['type'];
  /** What went wrong, for programs. */
  readonly code: VinrErrorFacts['code'];
  /** Why the card was declined. */
  readonly declineCode: string | undefined;
  /** The field at fault. */
  readonly param: string | undefined;
  /** Names the request in the platform's logs. */
  readonly requestId: string | undefined;
  /** The HTTP status, when there was an answer. */
  readonly statusCode: number | undefined;
  /** When to go on, in seconds. */
  readonly retryAfter: number | undefined;
  /** Whether the request may have been carried out. */
  readonly outcomeUnknown: boolean;
  /** Whether a card may have been charged, or money given back, although this is an error. */
  readonly moneyMayHaveMoved: boolean;
  /** The payment that is in the way. */
  readonly paymentId: string | undefined;
  /** Where the code is explained. */
  readonly docUrl: string | undefined;
  /** The identity of a payment whose answer was lost: creating it again with this token cannot charge twice. */
  readonly clientToken: string | undefined;
  /** The idempotency key of a change whose answer was lost. */
  readonly idempotencyKey: string | undefined;
  /** The payment whose answer was lost, as it was when it was looked up. */
  readonly payment: TerminalPayment | LegacyTerminalPayment | undefined;
  /** Which part of the way to a terminal failed; absent for the platform's. */
  readonly layer: Layer | undefined;
  /** Hybrid mode: why the payment had gone to the platform. */
  readonly localFailure: LocalFailure | undefined;
  /** Hybrid mode, with {@link outcomeUnknown}: asks the terminal and the platform until one of them knows; charges nothing. */
  declare readonly resolve: (() => Promise<TerminalPayment | LegacyTerminalPayment>) | undefined;

  constructor(facts: VinrErrorFacts) {
    super(facts.message, facts.cause === undefined ? undefined : { cause: facts.cause });
    this.name = new.target.name;
    this.type = facts.type;
    this.code = facts.code;
    this.declineCode = facts.declineCode;
    this.param = facts.param;
    this.requestId = facts.requestId;
    this.statusCode = facts.statusCode;
    this.retryAfter = facts.retryAfter;
    this.outcomeUnknown = facts.outcomeUnknown ?? false;
    this.moneyMayHaveMoved = facts.moneyMayHaveMoved ?? false;
    this.paymentId = facts.paymentId;
    this.docUrl = facts.docUrl;
    this.clientToken = facts.clientToken;
    this.idempotencyKey = facts.idempotencyKey;
    this.payment = facts.payment;
    this.layer = facts.layer;
    this.localFailure = facts.localFailure;
    Object.defineProperty(this, 'resolve', { value: facts.resolve, enumerable: false, configurable: true });
  }

  /** What is known, for logs. */
  toJSON(): Record<string, unknown> {
    return { ...Object.fromEntries(Object.entries(this)), message: this.message };
  }
}

/** 401: the key is absent or wrong. */
export class AuthenticationError extends VinrError {}
/** 403: the key may not do this. */
export class PermissionDeniedError extends VinrError {}
/** 400, 404, 413, 415, 422: the request cannot be carried out as it is. */
export class InvalidRequestError extends VinrError {}
/** 409: something else is already there. */
export class ConflictError extends VinrError {}
/** 402: the card was declined. */
export class CardError extends VinrError {}
/** 429: too many requests; `retryAfter` says when to go on. */
export class RateLimitError extends VinrError {}
/** The platform, or something in front of it, failed. */
export class ApiError extends VinrError {}
/** There was no answer. */
export class ApiConnectionError extends VinrError {}
/** There was no answer in time. */
export class ApiTimeoutError extends ApiConnectionError {}
/** A terminal on the local network could not be asked; `layer` says what failed. */
export class LocalConnectionError extends ApiConnectionError {}
/** The caller's `signal` ended the call. */
export class RequestAbortedError extends VinrError {}

/** A webhook is not to be believed; `code` is `malformed`, `not_fresh` or `no_match`. */
export class SignatureVerificationError extends VinrError {
  constructor(code: 'malformed' | 'not_fresh' | 'no_match', message: string) {
    super({ type: 'signature_error', code, message });
  }
}

/** The SDK was asked for something that cannot be; nothing was sent. */
export class ConfigurationError extends VinrError {
  constructor(code: string, message: string, param?: string) {
    super({ type: 'configuration_error', code, message, param });
  }
}

type ErrorClass = new (facts: VinrErrorFacts) => VinrError;

const BY_TYPE: Readonly<Record<string, ErrorClass>> = {
  authentication_error: AuthenticationError,
  permission_error: PermissionDeniedError,
  invalid_request_error: InvalidRequestError,
  conflict_error: ConflictError,
  card_error: CardError,
  rate_limit_error: RateLimitError,
  api_error: ApiError,
};

const TYPE_BY_STATUS: Readonly<Record<number, ErrorType>> = {
  401: 'authentication_error', 402: 'card_error', 403: 'permission_error', 409: 'conflict_error', 429: 'rate_limit_error',
};

/** The type of an answer that does not say it. */
export function typeOfStatus(status: number): ErrorType {
  return TYPE_BY_STATUS[status] ?? (status >= 400 && status < 500 ? 'invalid_request_error' : 'api_error');
}

/** The error of the class that belongs to the type. */
export function errorOfType(facts: VinrErrorFacts): VinrError {
  return new (BY_TYPE[facts.type] ?? ApiError)(facts);
}

/** @internal Says more about a failure that has not been shown to anybody yet. */
export function amended(error: VinrError, more: Partial<VinrErrorFacts>): VinrError {
  const { resolve, ...shown } = more;
  if (resolve !== undefined) Object.defineProperty(error, 'resolve', { value: resolve, enumerable: false });
  return Object.assign(error, shown);
}

/** What a library threw, without anything that was sent: only its code and its words. */
export function plainCause(thrown: unknown): Error {
  const inner = thrown instanceof Error && thrown.cause instanceof Error ? thrown.cause : thrown;
  const code = codeOf(inner);
  const cause = new Error(code ?? (inner instanceof Error ? inner.name : 'unknown'));
  if (code !== undefined) Object.assign(cause, { code });
  delete cause.stack;
  return cause;
}

/** The `code` of a system error. */
export function codeOf(thrown: unknown): string | undefined {
  const code = typeof thrown === 'object' && thrown !== null && 'code' in thrown ? thrown.code : undefined;
  return typeof code === 'string' ? code : undefined;
}
