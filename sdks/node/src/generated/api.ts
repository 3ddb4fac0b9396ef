// Generated from docs/openapi.json by scripts/generate.mjs; `cargo xtask gen` and `npm run generate` write it anew.

/** An ISO 4217 code that the platform settles. */
export type Currency =
  | 'AED' | 'AFN' | 'ALL' | 'AMD' | 'AOA' | 'ARS' | 'AUD' | 'AWG' | 'AZN' | 'BAM' | 'BBD' | 'BDT' | 'BHD' | 'BIF'
  | 'BMD' | 'BND' | 'BOB' | 'BRL' | 'BSD' | 'BTN' | 'BWP' | 'BYN' | 'BZD' | 'CAD' | 'CDF' | 'CHF' | 'CLP' | 'CNY'
  | 'COP' | 'CRC' | 'CUP' | 'CVE' | 'CZK' | 'DJF' | 'DKK' | 'DOP' | 'DZD' | 'EGP' | 'ERN' | 'ETB' | 'EUR' | 'FJD'
  | 'FKP' | 'GBP' | 'GEL' | 'GHS' | 'GIP' | 'GMD' | 'GNF' | 'GTQ' | 'GYD' | 'HKD' | 'HNL' | 'HTG' | 'HUF' | 'IDR'
  | 'ILS' | 'INR' | 'IQD' | 'IRR' | 'ISK' | 'JMD' | 'JOD' | 'JPY' | 'KES' | 'KGS' | 'KHR' | 'KMF' | 'KPW' | 'KRW'
  | 'KWD' | 'KYD' | 'KZT' | 'LAK' | 'LBP' | 'LKR' | 'LRD' | 'LSL' | 'LYD' | 'MAD' | 'MDL' | 'MGA' | 'MKD' | 'MMK'
  | 'MNT' | 'MOP' | 'MRU' | 'MUR' | 'MVR' | 'MWK' | 'MXN' | 'MYR' | 'MZN' | 'NAD' | 'NGN' | 'NIO' | 'NOK' | 'NPR'
  | 'NZD' | 'OMR' | 'PAB' | 'PEN' | 'PGK' | 'PHP' | 'PKR' | 'PLN' | 'PYG' | 'QAR' | 'RON' | 'RSD' | 'RUB' | 'RWF'
  | 'SAR' | 'SBD' | 'SCR' | 'SDG' | 'SEK' | 'SGD' | 'SHP' | 'SLE' | 'SOS' | 'SRD' | 'SSP' | 'STN' | 'SVC' | 'SYP'
  | 'SZL' | 'THB' | 'TJS' | 'TMT' | 'TND' | 'TOP' | 'TRY' | 'TTD' | 'TWD' | 'TZS' | 'UAH' | 'UGX' | 'USD' | 'UYU'
  | 'UZS' | 'VED' | 'VES' | 'VND' | 'VUV' | 'WST' | 'XAF' | 'XCD' | 'XCG' | 'XOF' | 'XPF' | 'YER' | 'ZAR' | 'ZMW'
  | 'ZWG';

/** An account with its settings in one of the two modes. Test and live settings are apart. */
export interface Account {
  /** When it was opened, in Unix seconds. */
  createdAt: number;
  /** The currency of whatever names none. */
  defaultCurrency: string | null;
  /** What people call it. */
  displayName: string;
  /** Its name. */
  id: string;
  /** Which settings these are: those for live data, or those for test data. */
  livemode: boolean;
  object: 'account';
  /** What its terminals may take offline at most; set by the operator of this server. */
  offlineCap: OfflineCap;
  /** How far a capture may exceed its authorization, in percent. */
  overCapturePercent: number;
  /** Whether the operator has stopped it: its keys may look, and change nothing. */
  suspended: boolean;
  /** The time zone of locations that have none of their own, a name of the IANA database. */
  timeZone: string;
  /** How its webhooks are delivered. */
  webhookPolicy: WebhookPolicy;
}

/** `POST /v1/terminals/activate` */
export interface ActivateTerminal {
  /** The code that the device shows. Case, spaces and dashes do not matter. */
  activationCode: string;
  /** What people call it. */
  displayName?: string | undefined;
  /** Where the terminal stands. */
  locationId?: string | undefined;
}

/** Where a shop is. Also how it is kept. */
export interface Address {
  /** Town. */
  city?: string | null | undefined;
  /** Two letters (ISO 3166-1 alpha-2). */
  country?: string | null | undefined;
  /** Street and number. */
  line1?: string | null | undefined;
  /** Floor, building. */
  line2?: string | null | undefined;
  /** Post code. */
  postalCode?: string | null | undefined;
}

/** An API key, without its text. */
export interface ApiKey {
  /** When it was made, in Unix seconds. */
  createdAt: number;
  /** When it will stop working, in Unix seconds. */
  expiresAt: number | null;
  /** Its first and last characters, to tell it from others. */
  hint: string;
  /** Its name. */
  id: string;
  /** When it was last used, in Unix seconds, to the minute; `null` when it never was. */
  lastUsedAt: number | null;
  /** Live or test data. */
  livemode: boolean;
  /** What people call it. */
  name: string | null;
  object: 'api_key';
  /** The key that took its place. */
  replacedBy: string | null;
  /** When it stopped working, in Unix seconds. */
  revokedAt: number | null;
  /** What a restricted key may do; empty for a secret key. */
  scopes: string[];
  /** The key itself: only in the first answer to the request that made it, never again. */
  secret?: string;
  status: 'active' | 'expiring' | 'revoked';
  type: 'secret' | 'restricted';
}

/** Who did something. */
export interface AuditActor {
  /** The key as people are shown it. */
  hint?: string;
  /** Which one. */
  id: string;
  /** With which request (`req_…`). */
  request?: string;
  /** `api_key`, `operator`, `person`, `terminal` or `system`. */
  type: string;
}

/**
 * One line of the audit log. `hash` is SHA-256, in hexadecimal digits, over the line without `hash`, as JSON with
 * sorted members and no space.
 */
export interface AuditEntry {
  /** Whose log it is. */
  account: string;
  /** What was done. */
  action: string;
  /** What it was made; absent when it is gone. */
  after?: Record<string, unknown>;
  /** What the object was; absent when it was not there. */
  before?: Record<string, unknown>;
  /** Who did it. */
  by: AuditActor;
  /** When, in Unix milliseconds. */
  createdAtMs: number;
  /** The hash of this line. */
  hash: string;
  /** Its name. */
  id: string;
  /** Whether it is about live data. */
  livemode: boolean;
  /** Its place in the log, from 1 without a gap. */
  number: number;
  object: 'audit_entry';
  /** To what. */
  objectId: string;
  /** The hash of the line before; 64 zeros for the first. */
  previousHash: string;
}

/** What a walk along an audit log found. */
export interface AuditVerification {
  /** The place of the first line that is not in order. */
  brokenAt: number | null;
  /** How many lines are in order, counted from the first. */
  entries: number;
  /** Whether every line is what was written, and none is missing between the first and the last. */
  intact: boolean;
  /**
   * The hash of the last line that is in order; `null` when there is none. Keep it elsewhere: a log that was cut
   * off behind it, or written anew, will not have it any more.
   */
  lastHash: string | null;
  object: 'audit_verification';
}

/** A batch: what a terminal took and gave back in one currency between two settlements. Times are Unix seconds. */
export interface Batch {
  /** When its sums became final. */
  closedAt?: number | null;
  /** Three-letter ISO 4217 code. */
  currency: Currency;
  /** Its name. */
  id: string;
  /** Live or test data. */
  livemode: boolean;
  /** Where that terminal stood when the batch was opened. */
  locationId?: string | null;
  /** Sales less refunds; negative when more was given back than taken. */
  netTotal: number;
  object: 'batch';
  /** When its first transaction ended. */
  openedAt: number;
  /** Transactions that are left for the next batch because their outcome is not known. */
  pendingCount: number;
  /** Your own name for closing it. */
  reference?: string | null;
  /** How many succeeded refunds it holds. */
  refundsCount: number;
  /** What they gave back, in the smallest unit. */
  refundsTotal: number;
  /** How many completed payments it holds. */
  salesCount: number;
  /** What they took, in the smallest unit. */
  salesTotal: number;
  /** Counts the changes of this batch. */
  sequence: number;
  /** When the acquirer agreed to them. */
  settledAt?: number | null;
  /** Where the batch stands. */
  status: 'open' | 'closing' | 'closed';
  /** Whose transactions it holds. */
  terminalId: string;
}

/** `POST /v1/terminal/payments/{id}/cancel`: nothing can be said. */
export type CancelPayment = Record<string, never>;

/** `POST /v1/terminal/payments/{id}/capture`. */
export interface CapturePayment {
  /** How much to capture, in the smallest unit; all of it when left out. */
  amount?: number | null | undefined;
}

/** What may be known of a card. */
export interface Card {
  /** The network. */
  brand: string;
  /** The last four digits. */
  last4: string;
}

/** The shared key of a terminal's Cashless API, without its text. */
export interface CashlessKey {
  /** When it was made, in Unix seconds. */
  createdAt: number | null;
  /** First and last characters; `null`: there is no key. */
  hint: string | null;
  /** Live or test data. */
  livemode: boolean;
  object: 'cashless_key';
  revoked: RevokedCashlessKey | null;
  /** The key itself: only in the first answer to the request that made it, never again. */
  secret?: string;
  /** Which terminal. */
  terminalId: string;
}

/** A certificate with which a till may speak to one terminal. */
export interface ClientCertificate {
  /** The certificate and its issuer, PEM. */
  certificate: string;
  /** When it was made, in Unix seconds. */
  createdAt: number;
  /** When it ends, in Unix seconds. */
  expiresAt: number;
  /** SHA-256 of the certificate, hexadecimal. */
  fingerprint: string;
  /** Its name. */
  id: string;
  /** Live or test data. */
  livemode: boolean;
  /** What people call it. */
  name: string | null;
  object: 'client_certificate';
  /** The passphrase of `pkcs12`: as `privateKey`. */
  passphrase?: string;
  /** Key and certificate as a PKCS #12 file in base64, under `passphrase`: as `privateKey`. */
  pkcs12?: string;
  /**
   * The private key, PEM: only in the first answer to the request that made it, and only when the platform made the
   * key.
   */
  privateKey?: string;
  /** When it was revoked, in Unix seconds. */
  revokedAt: number | null;
  revokedReason?: 'requested' | 'terminal_deactivated' | null;
  /** Hexadecimal. */
  serialNumber: string;
  status: 'active' | 'expiring' | 'expired' | 'revoked';
  /** The one terminal that may be spoken to. */
  terminalId: string;
}

/** `POST /v1/batches/close`. */
export interface CloseBatch {
  /** Your own name for it: the same one again returns the same batches; no control characters. */
  reference?: string | null | undefined;
  /** The terminal whose batches to close. */
  terminalId: string;
}

/** What closing is answered: the batch in the terminal's settlement currency, and those in other currencies. */
export type ClosedBatches = Batch & {
  /** Those in other currencies. */
  batches: Batch[];
};

/** `POST /v1/operator/accounts`. */
export interface CreateAccount {
  /** What people call it. */
  displayName: string;
}

/** `POST /v1/operator/accounts/{id}/api-keys`. */
export interface CreateAccountKey {
  /** Whether the key opens live data, or test data. */
  livemode: boolean;
  /** What people call it. */
  name?: string | null | undefined;
  /** What a restricted key may do, such as `payments:read`; at least one. A secret key has none. */
  scopes?: string[] | null | undefined;
  type: 'secret' | 'restricted';
}

/** `POST /v1/terminals/{id}/actions`. */
export interface CreateAction {
  /** `reboot` starts the terminal over, `update` installs newer software if there is any, `lock` refuses new payments from now on, `unlock` takes them again, `flush` forwards what was approved without a connection. */
  action: 'reboot' | 'update' | 'lock' | 'unlock' | 'flush';
  /** For how many seconds it may wait for the terminal; a day when left out. */
  expiresIn?: number | null | undefined;
}

/** `POST /v1/api-keys`. */
export interface CreateApiKey {
  /** What people call it. */
  name?: string | null | undefined;
  /** What a restricted key may do, such as `payments:read`; at least one. A secret key has none. */
  scopes?: string[] | null | undefined;
  type: 'secret' | 'restricted';
}

/** `POST /v1/terminals/{id}/client-certificates`. */
export interface CreateClientCertificate {
  /**
   * A signing request (PKCS #10) for an ECDSA P-256 key that the till made itself: PEM, or DER in base64. Without it
   * the platform makes the key.
   */
  csr?: string | undefined;
  /** What people call it. */
  name?: string | undefined;
}

/** `POST /v1/locations`. */
export interface CreateLocation {
  address?: Address | null | undefined;
  /** What people call it. */
  displayName: string;
  /** When its day ends and its batches are settled, `HH:MM` in its time zone. */
  endOfDay?: string | null | undefined;
  /** Your own key-value pairs; never interpreted. */
  metadata?: Record<string, string> | null | undefined;
  /** Its time zone, a name of the IANA database; the account's when left out. */
  timeZone?: string | null | undefined;
}

/** `POST /v1/terminal/payments`. */
export interface CreatePaymentOnOneTerminal {
  /** What to collect, in the smallest unit of the currency. */
  amount: number;
  /** `automatic` (default) authorizes and captures in one step, `manual` waits for a capture. */
  captureMethod?: 'automatic' | 'manual' | null | undefined;
  /** A UUID that names this payment on every path, so that it can be sent twice and charged once. */
  clientToken?: string | null | undefined;
  /** Three-letter ISO 4217 code. */
  currency: Currency;
  /** Free text. */
  description?: string | null | undefined;
  /** Your own key-value pairs; never interpreted. */
  metadata?: Record<string, string> | null | undefined;
  /** Your own name for the order; no control characters. */
  reference?: string | null | undefined;
  /** `async` (default) answers while pending, `sync` once the outcome is known. */
  responseMode?: 'async' | 'sync' | null | undefined;
  terminalGroup?: null | undefined;
  /** The terminal that collects the payment. Either this or `terminalGroup`. */
  terminalId: string;
}

/** `POST /v1/terminal/payments`. */
export interface CreatePaymentInAGroup {
  /** What to collect, in the smallest unit of the currency. */
  amount: number;
  /** `automatic` (default) authorizes and captures in one step, `manual` waits for a capture. */
  captureMethod?: 'automatic' | 'manual' | null | undefined;
  /** A UUID that names this payment on every path, so that it can be sent twice and charged once. */
  clientToken?: string | null | undefined;
  /** Three-letter ISO 4217 code. */
  currency: Currency;
  /** Free text. */
  description?: string | null | undefined;
  /** Your own key-value pairs; never interpreted. */
  metadata?: Record<string, string> | null | undefined;
  /** Your own name for the order; no control characters. */
  reference?: string | null | undefined;
  /** `async` (default) answers while pending, `sync` once the outcome is known. */
  responseMode?: 'async' | 'sync' | null | undefined;
  /** Terminals of which the first that is free collects the payment; while all are busy it waits. They are tried in this order, each is named once. Either this or `terminalId`. */
  terminalGroup: string[];
  terminalId?: null | undefined;
}

/** `POST /v1/terminal/payments`. */
export type CreatePayment = CreatePaymentOnOneTerminal | CreatePaymentInAGroup;

/** `POST /v1/refunds`. */
export interface CreateRefund {
  /** How much, in the smallest unit of the payment's currency; all that is left when left out. */
  amount?: number | null | undefined;
  /** Your own key-value pairs; never interpreted. */
  metadata?: Record<string, string> | null | undefined;
  /** The terminal payment to give back of. */
  payment: string;
  /** Why the money is given back. */
  reason?: 'duplicate' | 'fraudulent' | 'requested_by_customer' | null | undefined;
}

/** `POST /v1/operator/releases`. */
export interface CreateRelease {
  /** The oldest version that it may be installed over. */
  minVersion?: string | null | undefined;
  /** The hardware model. */
  model: 'nexgo_ct20' | 'nexgo_ct20p' | 'nexgo_n92' | 'nexgo_n86pro' | 'ciontek_cm30' | 'simulator';
  /** How many of a hundred terminals may install it; all when left out. */
  rolloutPercent?: number | null | undefined;
  /** SHA-256 of the image, 64 lower-case hexadecimal digits. */
  sha256: string;
  /** Size of the image, in bytes. */
  size: number;
  /** Where terminals find the image; `https` only. */
  url?: string | null | undefined;
  /** For how many days it may be installed; 180 when left out. */
  validDays?: number | null | undefined;
  /** Its version: up to four numbers with dots. */
  version: string;
}

/** `POST /v1/test/terminals`. */
export interface CreateTestTerminal {
  /** What people call it. */
  displayName?: string | null | undefined;
  /** Where it stands. */
  locationId?: string | null | undefined;
  /** The hardware model. */
  model?: 'nexgo_ct20' | 'nexgo_ct20p' | 'nexgo_n92' | 'nexgo_n86pro' | 'ciontek_cm30' | 'simulator' | null | undefined;
}

/** `POST /v1/webhook-endpoints`. */
export interface CreateWebhookEndpoint {
  /** How payments in the events are written; `2026-06-11` unless given. */
  apiVersion?: string | null | undefined;
  /** Free text. */
  description?: string | null | undefined;
  /** Which events: types (`terminal_payment.completed`), categories (`terminal.*`), or `*` for all. */
  enabledEvents: string[];
  /** Your own key-value pairs; never interpreted. */
  metadata?: Record<string, string> | null | undefined;
  /** Where events are posted to; `https://`, on a public address. */
  url: string;
}

/** Nothing has to be said. */
export type DeactivateTerminal = Record<string, never>;

/** What is left of an object that was deleted. */
export interface Deleted {
  /** `true` */
  deleted: boolean;
  /** Its name. */
  id: string;
  /** What it was. */
  object: string;
}

/** What is left of a deleted endpoint. */
export interface DeletedWebhookEndpoint {
  /** `true`. */
  deleted: boolean;
  id: string;
  /** `webhook_endpoint`. */
  object: string;
}

/** What went wrong, for programs. */
export type ErrorCode = 'api_key_missing' | 'api_key_invalid' | 'api_keys_differ' | 'pairing_secret_missing' | 'permission_denied' | 'certificate_required' | 'certificate_expired' | 'certificate_not_yet_valid' | 'certificate_revoked' | 'certificate_unknown_authority' | 'certificate_wrong_terminal' | 'host_not_allowed' | 'origin_not_allowed' | 'https_required' | 'account_suspended' | 'malformed_request' | 'parameter_unknown' | 'parameter_missing' | 'parameter_invalid' | 'unsupported_version' | 'test_mode_only' | 'not_found' | 'transaction_not_found' | 'activation_code_unknown' | 'method_not_allowed' | 'request_timeout' | 'body_too_large' | 'unsupported_media_type' | 'cancel_not_allowed' | 'capture_not_allowed' | 'already_captured' | 'authorization_expired' | 'amount_too_large' | 'currency_mismatch' | 'refund_not_allowed' | 'api_key_ended' | 'limit_exceeded' | 'endpoint_disabled' | 'no_card_expected' | 'activation_code_expired' | 'deactivation_not_allowed' | 'activation_code_used' | 'device_active_elsewhere' | 'test_terminals_unavailable' | 'test_terminal_limit' | 'location_in_use' | 'terminal_in_use' | 'offline_not_supported' | 'action_not_cancellable' | 'release_exists' | 'too_many_actions' | 'duplicate_reference' | 'idempotency_key_reused' | 'client_token_reused' | 'concurrent_change' | 'card_declined' | 'queue_full' | 'rate_limited' | 'too_many_attempts' | 'internal_error' | 'unavailable';

/** Who has to act. */
export type ErrorType = 'authentication_error' | 'permission_error' | 'invalid_request_error' | 'conflict_error' | 'card_error' | 'rate_limit_error' | 'api_error';

/** What a change of the account's level is answered. */
export type LevelOrDryRun = TerminalConfig | TerminalConfigDryRun;

/** A location. A field that is not set is `null`. */
export interface Location {
  address: Address | null;
  /** When it was made, in Unix seconds. */
  createdAt: number;
  /** What people call it. */
  displayName: string;
  /** When its day ends and its batches are settled, `HH:MM` in its time zone; `null`: the default. */
  endOfDay: string | null;
  /** Its name. */
  id: string;
  /** Live or test data. */
  livemode: boolean;
  /** Your own key-value pairs; never interpreted. */
  metadata: Record<string, string> | null;
  object: 'location';
  /** What is configured for the terminals that stand there; `null`: nothing. */
  terminalConfig: Record<string, unknown> | null;
  /** Its time zone, a name of the IANA database; `null`: the account's. */
  timeZone: string | null;
}

/** What a change of a location is answered. */
export type LocationOrDryRun = Location | TerminalConfigDryRun;

/** For endpoints whose body says nothing. */
export type NoBody = Record<string, never>;

/** What an operator allows terminals to take while they are offline, whatever is configured. */
export interface OfflineCap {
  /** The most that one payment may take, in the smallest unit of the terminal's currency; `null`: no cap. */
  maxAmount: number | null;
  /** The most payments that a terminal may keep; `null`: no cap. */
  maxQueue: number | null;
  /** The most that a terminal may keep in all, in the smallest unit of its currency; `null`: no cap. */
  maxTotal: number | null;
}

/** The limits of payments without the cloud that hold unless they are configured otherwise. */
export interface OfflineLimits {
  /** A terminal that settles in another currency has no limits until they are configured. */
  currency: string;
  /** The most that one payment may be, in the smallest unit of the currency. */
  maxAmount: number;
  /** How many payments may wait for the cloud. */
  maxQueue: number;
}

/** An account as its operator sees it: what holds for both modes. */
export interface OperatedAccount {
  /** When it was opened, in Unix seconds. */
  createdAt: number;
  /** What the operator calls it, and the merchant until it says otherwise. */
  displayName: string;
  /** Its name. */
  id: string;
  object: 'operated_account';
  /** What its terminals may take offline at most. */
  offlineCap: OfflineCap;
  /** Whether it is stopped: its keys may look, and change nothing. */
  suspended: boolean;
}

/** The instrument that was presented. */
export interface PaymentMethod {
  card: Card;
  /** How the card is read. */
  entryMode: 'contactless' | 'chip' | 'swipe' | 'manual_key';
  type: 'card';
}

/** What is presented. */
export interface PresentTestCard {
  card?: 'visa_approved' | 'card_declined' | 'insufficient_funds' | 'expired_card' | 'lost_or_stolen' | 'mastercard_approved' | 'amex_approved' | 'online_pin' | 'incorrect_pin' | 'pin_try_exceeded' | 'partial_approval' | 'issuer_silent' | 'issuer_late' | 'refund_declined' | 'offline_then_declined' | undefined;
  /** How it is presented; the card's usual way when left out. */
  entryMode?: string | undefined;
}

/** The Cashless API of a terminal. */
export interface PutCashless {
  /** Whether it is to be served. */
  enabled: boolean;
}

/**
 * `PUT /v1/terminals/{id}/lan`: what is left out is off. Writes `localApi` and `cashlessApi` of the terminal's own
 * configuration.
 */
export interface PutLan {
  /** For cash registers with the shared key; off when left out. */
  cashless?: PutCashless | undefined;
  /** For tills with a client certificate; off when left out. */
  localApi?: PutLocalApi | undefined;
}

/** The Local API of a terminal. */
export interface PutLocalApi {
  /** Whether it is to be served. */
  enabled: boolean;
  /** Whether it is also to be served without TLS; only together with `enabled`. */
  openWire?: boolean | undefined;
}

/**
 * A refund. Version `2026-06-11` writes times as RFC 3339 strings and leaves unset fields out; `2025-05-31` writes
 * times as Unix seconds and unset fields as `null`.
 */
export interface Refund {
  /** How much, in the smallest unit. */
  amount: number;
  createdAt: string;
  /** Three-letter ISO 4217 code. */
  currency: Currency;
  /** Why the refund failed: `declined` by the card's issuer, or `rejected` by the acquirer. */
  failureReason?: 'declined' | 'rejected';
  id: string;
  /** Live or test data. */
  livemode: boolean;
  /** Your own key-value pairs; never interpreted. */
  metadata: Record<string, string>;
  object: 'refund';
  /** The terminal payment that is given back of. */
  payment: string;
  /** Why the money is given back. */
  reason?: 'duplicate' | 'fraudulent' | 'requested_by_customer';
  /** Counts the changes of this refund, from 1 without a gap. */
  sequence: number;
  /** Where the refund stands; `succeeded` and `failed` are final. */
  status: 'pending' | 'succeeded' | 'failed';
  /** The terminal that took it. */
  terminalId: string;
  updatedAt?: string;
}

/** Refund, as version 2025-05-31 writes it. */
export interface LegacyRefund {
  /** How much, in the smallest unit. */
  amount: number;
  createdAt: number;
  /** Three-letter ISO 4217 code. */
  currency: Currency;
  /** Why the refund failed: `declined` by the card's issuer, or `rejected` by the acquirer. */
  failureReason: 'declined' | 'rejected' | null;
  id: string;
  /** Live or test data. */
  livemode: boolean;
  /** Your own key-value pairs; never interpreted. */
  metadata: Record<string, string> | null;
  object: 'refund';
  /** The terminal payment that is given back of. */
  payment: string;
  /** Why the money is given back. */
  reason: 'duplicate' | 'fraudulent' | 'requested_by_customer' | null;
  /** Counts the changes of this refund, from 1 without a gap. */
  sequence: number;
  /** Where the refund stands; `succeeded` and `failed` are final. */
  status: 'pending' | 'succeeded' | 'failed';
  /** The terminal that took it. */
  terminalId: string;
  updatedAt: number | null;
}

/** A version of the software of one model of terminals. */
export interface Release {
  /** When it was registered, in Unix seconds. */
  createdAt: number;
  /** Whether it is installed by no more terminals. */
  halted: boolean;
  /** Its name. */
  id: string;
  /** The oldest version that it may be installed over. */
  minVersion: string | null;
  /** For which model. */
  model: string;
  /** Until when it may be installed, in Unix seconds. */
  notAfter: number;
  object: 'release';
  /** How many of a hundred terminals may install it; which ones does not change while the figure rises. */
  rolloutPercent: number;
  /** SHA-256 of the image, hexadecimal. */
  sha256: string;
  /** Size of the image, in bytes. */
  size: number;
  /** Where terminals find the image; `null` when the maker delivers it another way. */
  url: string | null;
  /** Its version. */
  version: string;
}

/** Whether sending the same request again can help. */
export type Retry = 'never' | 'later' | 'ask_first';

/** A shared key that opens nothing any more. */
export interface RevokedCashlessKey {
  /** First and last characters. */
  hint: string;
  reason: 'requested' | 'terminal_deactivated';
  /** Since when, in Unix seconds. */
  revokedAt: number;
}

/** `POST /v1/api-keys/{id}/roll`. */
export interface RollApiKey {
  /** For how many seconds the old key goes on working: 86400 (a day) when left out, 0 to end it at once. */
  expiresIn?: number | null | undefined;
}

/** `POST /v1/webhook-endpoints/{id}/roll-secret`. */
export interface RollWebhookSecret {
  /** How long the old secret signs beside the new one, in seconds: a day unless given, 0 for not at all. */
  expiresIn?: number | null | undefined;
}

/** A terminal. A field that is not set is `null`. */
export interface Terminal {
  /** Why somebody should look after it; empty when nothing is wrong. */
  attention: Array<'battery_low' | 'paper_out' | 'reader_fault' | 'clock_unsynced' | 'storage_low' | 'certificate_expiring' | 'configuration_refused' | 'offline_for_long' | 'offline_records' | 'offline_voided'>;
  /** Charge of the battery in percent; `null` when it does not run on a battery. */
  batteryLevel: number | null;
  /** When it was first activated, in Unix seconds. */
  createdAt: number;
  /** What people call it. */
  displayName: string | null;
  /** Its name. */
  id: string;
  /** The last sign of life, in Unix seconds; `null` before it was first connected. */
  lastSeen: number | null;
  /** Live or test data. */
  livemode: boolean;
  /** The location that it is assigned to. */
  locationId: string | null;
  /** Whether it refuses new payments until it is unlocked. */
  locked: boolean;
  /** Hardware model. */
  model: string;
  object: 'terminal';
  offline: TerminalOffline | null;
  /** How long a frame takes to it and back, in milliseconds; `null` while it is not connected. */
  roundTripMs: number | null;
  /** Counts its events, from 1 without a gap; 0 before the first. */
  sequence: number;
  /** The maker's number, printed on the device. */
  serialNumber: string;
  /** The software that it runs; `null` before it was first connected. */
  softwareVersion: string | null;
  /** Whether the terminal is there. */
  status: 'online' | 'offline' | 'needs_attention' | 'deactivated';
}

/** A remote action on a terminal. A field that is not set is `null`. */
export interface TerminalAction {
  /** `reboot` starts the terminal over, `update` installs newer software if there is any, `lock` refuses new payments from now on, `unlock` takes them again, `flush` forwards what was approved without a connection. */
  action: 'reboot' | 'update' | 'lock' | 'unlock' | 'flush';
  /** Whether an update found nothing newer; `null` until it has ended, and for other actions. */
  alreadyUpToDate: boolean | null;
  /** When it ended, in Unix seconds. */
  completedAt: number | null;
  /** When it was asked for, in Unix seconds. */
  createdAt: number;
  /** Until when it may be begun, in Unix seconds. */
  expiresAt: number;
  /** Why it failed: `cancelled`, `expired`, `no_report`, or what the terminal says. */
  failureReason: string | null;
  /** Its name. */
  id: string;
  /** Live or test data. */
  livemode: boolean;
  object: 'terminal_action';
  /** Counts its events, from 1 without a gap. */
  sequence: number;
  /** The version that an update installs, once it is decided. */
  softwareVersion: string | null;
  status: 'queued' | 'processing' | 'completed' | 'failed';
  /** The terminal. */
  terminalId: string;
}

/** The Cashless API of a terminal. */
export interface TerminalCashless {
  /** Whether it is served. */
  enabled: boolean;
  /** First and last characters of the shared key; `null`: there is none, and every request is refused. */
  keyHint: string | null;
}

/**
 * The configuration of one level. Every key may be left out; `null` takes a key, or a whole section, away from this
 * level, so that the next wider one decides.
 */
export interface TerminalConfig {
  cashlessApi?: {
    /** Whether it can ask for payments. */
    enabled?: boolean | null | undefined;
  } | null | undefined;
  display?: {
    /** The text of the idle screen; no control characters. */
    idleMessage?: string | null | undefined;
  } | null | undefined;
  localApi?: {
    /** Whether it can ask for payments. */
    enabled?: boolean | null | undefined;
    /** Whether it may do so without TLS: a bearer secret on an open wire. */
    plainHttp?: boolean | null | undefined;
  } | null | undefined;
  offlineMode?: {
    /** Whether it may approve payments by itself. */
    enabled?: boolean | null | undefined;
    /** How long one may wait, in seconds; older ones are voided. */
    maxAgeSeconds?: number | null | undefined;
    /** The most that one of them may be, in the smallest unit. */
    maxAmount?: number | null | undefined;
    /** How many of them may wait for the cloud. */
    maxQueue?: number | null | undefined;
    /** How much may wait for the cloud, in the smallest unit. */
    maxTotal?: number | null | undefined;
  } | null | undefined;
  receipt?: {
    /** What the terminal offers, and nothing else. */
    channels?: Array<'print' | 'email' | 'sms'> | null | undefined;
    /** Whether no receipt goes anywhere before the customer has chosen. */
    requireConsent?: boolean | null | undefined;
  } | null | undefined;
  tip?: {
    /** Whether the customer may enter a tip of their own. */
    allowCustom?: boolean | null | undefined;
    /** Whether suggestions are percentages of the amount, or amounts. */
    mode?: 'percentage' | 'fixed' | null | undefined;
    /**
     * Up to four suggestions: percentages from 1 to 100, or amounts in the smallest unit. They belong to the `mode` that
     * holds where they are set.
     */
    suggestions?: number[] | null | undefined;
  } | null | undefined;
}

/** What changes for one key. */
export interface TerminalConfigChange {
  /** What holds now. */
  from: TerminalConfigValue;
  /** The key, in bracket notation. */
  key: string;
  /** What would hold. */
  to: TerminalConfigValue;
}

/** What a change would do. Nothing was changed. */
export interface TerminalConfigDryRun {
  /** For how many terminals something would change. */
  changed: number;
  /** The first hundred terminals for which something would change, by their ids. */
  data: TerminalDryRun[];
  /** Whether there are more than those. */
  hasMore: boolean;
  object: 'terminal_config_dry_run';
  /** For how many nothing would. */
  unchanged: number;
}

/** How far the terminals of a location have come. */
export interface TerminalConfigProgress {
  /** How many terminals have what holds for them. */
  applied: number;
  /** One page of them, by their ids. */
  data: TerminalConfigState[];
  /** How many could not apply it. */
  failed: number;
  /** Whether another page follows. */
  hasMore: boolean;
  /** The location. */
  locationId: string;
  object: 'terminal_config_progress';
  /** How many have not said so yet. */
  pending: number;
}

/** How far one terminal has come. */
export interface TerminalConfigState {
  /** When it was confirmed, in Unix seconds. */
  appliedAt: number | null;
  /** The newest version that the terminal has confirmed; `null` before the first. */
  appliedVersion: number | null;
  /** Why it could not apply the newest version. */
  error: string | null;
  /** Whether the terminal has what holds. */
  status: 'in_sync' | 'pending' | 'failed';
  /** The terminal. */
  terminalId: string;
  /** Rises whenever what holds for the terminal changes. */
  version: number;
}

/** A value and who says it. */
export interface TerminalConfigValue {
  /** Who says so. */
  source: 'account' | 'location' | 'terminal' | 'model_default' | 'account_cap';
  /** The value; `null` where a limit has none. */
  value: unknown;
}

/** What a change would do to one terminal. */
export interface TerminalDryRun {
  /** What would change for it. */
  changes: TerminalConfigChange[];
  /** The terminal. */
  terminalId: string;
}

/** What holds for a terminal, key by key, and whether the terminal has it. */
export interface TerminalEffectiveConfig {
  /** When it was confirmed, in Unix seconds. */
  appliedAt: number | null;
  /** The newest version that the terminal has confirmed; `null` before the first. */
  appliedVersion: number | null;
  config: Record<string, Record<string, {
    note?: string;
    /** Who says so. */
    source: 'account' | 'location' | 'terminal' | 'model_default' | 'account_cap';
    value: unknown;
  }>>;
  /** Why it could not apply the newest version. */
  error: string | null;
  object: 'terminal_effective_config';
  /** Whether the terminal has what holds. */
  status: 'in_sync' | 'pending' | 'failed';
  /** The terminal. */
  terminalId: string;
  /** Rises whenever what holds for the terminal changes. */
  version: number;
}

/** What a terminal serves in the merchant's network, and whether it does so yet. */
export interface TerminalLan {
  /** When it was confirmed, in Unix seconds. */
  appliedAt: number | null;
  /** The newest version that the terminal has confirmed. */
  appliedVersion: number | null;
  /** For cash registers with the shared key. */
  cashless: TerminalCashless;
  /** Why the terminal could not. */
  error: string | null;
  listener: TerminalListener | null;
  /** Live or test data. */
  livemode: boolean;
  /** For tills with a client certificate. */
  localApi: TerminalLocalApi;
  object: 'terminal_lan';
  status: 'in_sync' | 'pending' | 'failed';
  /** Which terminal. */
  terminalId: string;
  /** Rises whenever the terminal has to be told something new; 0 before the first time. */
  version: number;
}

/** The certificate of a terminal's listener in the merchant's network. */
export interface TerminalListener {
  /** The addresses that the terminal had in the merchant's network when it asked. */
  addresses: string[];
  /** When it ends, in Unix seconds; the terminal asks for another long before. */
  expiresAt: number;
  /** Its serial number, hexadecimal. */
  serialNumber: string;
}

/** The Local API of a terminal. */
export interface TerminalLocalApi {
  /** Whether it is served. */
  enabled: boolean;
  /**
   * Whether it is also served without TLS, under `X-Device-Certificate`. Whoever listens on the wire can then use
   * what a till may.
   */
  openWire: boolean;
}

/** A model and what it can do. */
export interface TerminalModel {
  /** Whether it runs on a battery. */
  battery: boolean;
  /** Characters in a line of its receipts. */
  columns: number;
  /** The maker's name for it. */
  displayName: string;
  /** The hardware model. */
  id: 'nexgo_ct20' | 'nexgo_ct20p' | 'nexgo_n92' | 'nexgo_n86pro' | 'ciontek_cm30' | 'simulator';
  object: 'terminal_model';
  offline: OfflineLimits | null;
  /** Whether it has a printer of its own. */
  printer: boolean;
}

/** What waits on a terminal to be forwarded. */
export interface TerminalOffline {
  /** Together, in the smallest unit of the currency. */
  amount: number;
  /** Three-letter ISO 4217 code. */
  currency: string | null;
  /** Since when the oldest waits, in Unix seconds. */
  oldestAt: number | null;
  /** How many payments. */
  pending: number;
}

/** What a change of a terminal is answered. */
export type TerminalOrDryRun = Terminal | TerminalConfigDryRun;

/**
 * A terminal payment. Version `2026-06-11` writes times as RFC 3339 strings and leaves unset fields out;
 * `2025-05-31` writes times as Unix seconds and unset fields as `null`.
 */
export interface TerminalPayment {
  /** What is to be collected, in the smallest unit; includes the tip once it is chosen. */
  amount: number;
  /** Held and still to be captured. */
  amountCapturable?: number;
  /** Captured so far. */
  amountCaptured?: number;
  /** Given back so far, or on its way back: a refund counts from its creation until it has failed. */
  amountRefunded?: number;
  /** The issuer's approval code. */
  authCode?: string;
  /** The card's network. */
  brand?: string;
  cancelledAt?: string;
  /** `automatic` (default) authorizes and captures in one step, `manual` waits for a capture. */
  captureMethod: 'automatic' | 'manual';
  /** The payment's identity on every path. */
  clientToken: string;
  /** 2025-05-31: when it reached any final status. 2026-06-11: when it completed. */
  completedAt?: string;
  createdAt: string;
  /** Three-letter ISO 4217 code. */
  currency: string;
  /** Why the payment failed. */
  declineCode?: 'terminal_not_found' | 'terminal_offline' | 'terminal_busy' | 'terminal_locked' | 'card_declined' | 'insufficient_funds' | 'expired_card' | 'lost_or_stolen' | 'incorrect_pin' | 'pin_try_exceeded' | 'communication_error' | 'offline_auth_declined' | 'offline_limit_exceeded' | 'account_suspended';
  /** Free text. */
  description?: string;
  /** How the card is read. */
  entryMethod?: 'contactless' | 'chip' | 'swipe' | 'manual_key';
  expiresAt?: string;
  failedAt?: string;
  id: string;
  /** The card's last four digits. */
  last4?: string;
  /** Live or test data. */
  livemode: boolean;
  /** Your own key-value pairs; never interpreted. */
  metadata: Record<string, string>;
  object: 'terminal_payment';
  /** Its terminal approved it without asking the issuer, because it had no connection. Only there when it did. */
  offline?: boolean;
  /** Whether money may have moved without an answer from the acquirer. */
  outcomeUnknown?: boolean;
  paymentMethod?: PaymentMethod;
  /**
   * How many payments that wait for one of the same terminals are to be served before, and this one: 1 is next.
   * Only there while the payment waits, and only where it is read: events and answers to a create do not say it.
   */
  queuePosition?: number;
  /** Your own name for the order. */
  reference?: string;
  /** `async` (default) answers while pending, `sync` once the outcome is known. */
  responseMode: 'async' | 'sync';
  /** Counts the changes of this payment, from 1 without a gap. */
  sequence: number;
  /** Where the payment stands; `completed`, `failed`, `cancelled` and `expired` are final. */
  status: 'pending' | 'processing' | 'authorized' | 'completed' | 'failed' | 'cancelled' | 'expired';
  /** The terminals of which the first that is free collects the payment. Only there when it was asked for a group. */
  terminalGroup?: string[];
  /** The terminal that collects the payment. Not there while the payment waits for one of its group. */
  terminalId?: string;
  tip?: Tip;
  /** The tip's amount. */
  tipAmount?: number;
}

/** TerminalPayment, as version 2025-05-31 writes it. */
export interface LegacyTerminalPayment {
  /** What is to be collected, in the smallest unit; includes the tip once it is chosen. */
  amount: number;
  /** Held and still to be captured. */
  amountCapturable?: number;
  /** Captured so far. */
  amountCaptured?: number;
  /** Given back so far, or on its way back: a refund counts from its creation until it has failed. */
  amountRefunded?: number;
  /** The issuer's approval code. */
  authCode: string | null;
  /** The card's network. */
  brand: string | null;
  cancelledAt: number | null;
  /** `automatic` (default) authorizes and captures in one step, `manual` waits for a capture. */
  captureMethod: 'automatic' | 'manual';
  /** The payment's identity on every path. */
  clientToken: string;
  /** 2025-05-31: when it reached any final status. 2026-06-11: when it completed. */
  completedAt: number | null;
  createdAt: number;
  /** Three-letter ISO 4217 code. */
  currency: string;
  /** Why the payment failed. */
  declineCode: 'terminal_not_found' | 'terminal_offline' | 'terminal_busy' | 'terminal_locked' | 'card_declined' | 'insufficient_funds' | 'expired_card' | 'lost_or_stolen' | 'incorrect_pin' | 'pin_try_exceeded' | 'communication_error' | 'offline_auth_declined' | 'offline_limit_exceeded' | 'account_suspended' | null;
  /** Free text. */
  description: string | null;
  /** How the card is read. */
  entryMethod: 'contactless' | 'chip' | 'swipe' | 'manual_key' | null;
  expiresAt: number | null;
  failedAt: number | null;
  id: string;
  /** The card's last four digits. */
  last4: string | null;
  /** Live or test data. */
  livemode: boolean;
  /** Your own key-value pairs; never interpreted. */
  metadata: Record<string, string> | null;
  object: 'terminal_payment';
  /** Its terminal approved it without asking the issuer, because it had no connection. Only there when it did. */
  offline?: boolean;
  /** Whether money may have moved without an answer from the acquirer. */
  outcomeUnknown?: boolean;
  paymentMethod: PaymentMethod | null;
  /**
   * How many payments that wait for one of the same terminals are to be served before, and this one: 1 is next.
   * Only there while the payment waits, and only where it is read: events and answers to a create do not say it.
   */
  queuePosition: number | null;
  /** Your own name for the order. */
  reference: string | null;
  /** `async` (default) answers while pending, `sync` once the outcome is known. */
  responseMode: 'async' | 'sync';
  /** Counts the changes of this payment, from 1 without a gap. */
  sequence: number;
  /** Where the payment stands; `completed`, `failed`, `cancelled` and `expired` are final. */
  status: 'pending' | 'processing' | 'authorized' | 'completed' | 'failed' | 'cancelled' | 'expired';
  /** The terminals of which the first that is free collects the payment. Only there when it was asked for a group. */
  terminalGroup?: string[];
  /** The terminal that collects the payment. Not there while the payment waits for one of its group. */
  terminalId: string | null;
  tip: Tip | null;
  /** The tip's amount. */
  tipAmount: number | null;
}

/** `POST /v1/webhook-endpoints/{id}/test`, and everything else that takes no words. */
export type TestWebhookEndpoint = Record<string, never>;

/** A tip chosen at the terminal. */
export interface Tip {
  /** In the smallest unit; included in the payment's `amount`. */
  amount: number;
  /** How the tip was chosen. */
  mode: 'preset' | 'custom' | 'none';
}

/** `POST /v1/account`: only what is included is changed. */
export interface UpdateAccount {
  /** Three-letter ISO 4217 code. */
  defaultCurrency?: Currency | null | undefined;
  /** What people call it. */
  displayName?: string | null | undefined;
  /** How far a capture may exceed its authorization, in percent. Holds for captures from now on. */
  overCapturePercent?: number | null | undefined;
  /** The time zone of locations that have none of their own, a name of the IANA database. */
  timeZone?: string | null | undefined;
  webhookPolicy?: UpdateWebhookPolicy | null | undefined;
}

/** `POST /v1/locations/{id}`: only what is included is changed; `null` takes a value away. */
export interface UpdateLocation {
  address?: Address | null | undefined;
  /** What people call it. */
  displayName?: string | null | undefined;
  /** When its day ends and its batches are settled, `HH:MM` in its time zone. */
  endOfDay?: string | null | undefined;
  /** Your own key-value pairs; never interpreted. */
  metadata?: Record<string, string> | null | undefined;
  /** Its time zone, a name of the IANA database. */
  timeZone?: string | null | undefined;
}

/** Changes to what terminals may take offline; `null` takes a cap away. */
export interface UpdateOfflineCap {
  /** The most that one payment may take, in the smallest unit of the terminal's currency. */
  maxAmount?: number | null | undefined;
  /** The most payments that a terminal may keep. */
  maxQueue?: number | null | undefined;
  /** The most that a terminal may keep in all, in the smallest unit of its currency. */
  maxTotal?: number | null | undefined;
}

/** `POST /v1/operator/accounts/{id}`: only what is included is changed. */
export interface UpdateOperatedAccount {
  /** What people call it. */
  displayName?: string | null | undefined;
  offlineCap?: UpdateOfflineCap | null | undefined;
  /** Stops it, or lets it go on. */
  suspended?: boolean | null | undefined;
}

/** `POST /v1/refunds/{id}`. */
export interface UpdateRefund {
  /** Your own key-value pairs; never interpreted. */
  metadata?: Record<string, string> | null | undefined;
}

/** `POST /v1/operator/releases/{id}`: only what is included is changed. */
export interface UpdateRelease {
  /** Whether it is installed by no more terminals. */
  halted?: boolean | null | undefined;
  /** How many of a hundred terminals may install it. */
  rolloutPercent?: number | null | undefined;
}

/** `POST /v1/terminals/{id}`: only what is included is changed; `null` takes a value away. */
export interface UpdateTerminal {
  /** What people call it. */
  displayName?: string | null | undefined;
  /** Where it stands from now on. */
  locationId?: string | null | undefined;
}

/** `POST /v1/webhook-endpoints/{id}`. What is left out stays as it is. */
export interface UpdateWebhookEndpoint {
  /** How payments in the events are written. */
  apiVersion?: string | null | undefined;
  /** Free text; empty takes it away. */
  description?: string | null | undefined;
  /** Which events from now on. */
  enabledEvents?: string[] | null | undefined;
  /** Your own key-value pairs; never interpreted. */
  metadata?: Record<string, string> | null | undefined;
  /** `disabled` holds everything back, `enabled` sends what was held back, in order. */
  status?: string | null | undefined;
  /** Where events are posted to from now on. */
  url?: string | null | undefined;
}

/** Changes to how webhooks are delivered. */
export interface UpdateWebhookPolicy {
  /** After how many days of nothing but failures an endpoint is disabled. */
  disableAfterDays?: number | null | undefined;
  /** Seconds from each failed attempt to the next, 1 to 604800 each. */
  retryAfterSeconds?: number[] | null | undefined;
}

/** What became of one event for one endpoint. */
export interface WebhookDelivery {
  /** How often it was tried. */
  attempts: number;
  /** When the event happened, in Unix seconds. */
  created: number;
  /** How long the last attempt took, in milliseconds. */
  durationMs?: number | null;
  /** The endpoint. */
  endpoint: string;
  /** Why the last attempt failed. */
  error?: string | null;
  /** The event. */
  event: string;
  /** The event's type. */
  eventType: string;
  /** What the endpoint answered last. */
  httpStatus?: number | null;
  /** Its name; unique for the endpoint. */
  id: string;
  /** When it was tried last, in Unix seconds. */
  lastAttemptAt?: number | null;
  /** When it is tried next, in Unix seconds. */
  nextAttemptAt?: number | null;
  /** `webhook_delivery`. */
  object: string;
  /** The beginning of the endpoint's last answer. */
  response?: string | null;
  /**
   * `pending`: it is tried again, or waits behind an earlier event of its object; `delivered`; `failed`: it is not
   * tried again by itself.
   */
  status: string;
}

/** A webhook endpoint. */
export interface WebhookEndpoint {
  /** How payments in the events are written. */
  apiVersion: string;
  /** When it was made, in Unix seconds. */
  created: number;
  /** Free text. */
  description?: string;
  /** `failing` when it was disabled because nothing but failures came back for a week. */
  disabledReason?: string;
  /** Which events: types, categories (`terminal.*`), or `*`. */
  enabledEvents: string[];
  /** Since when nothing but failures came back, in Unix seconds. */
  failingSince?: number;
  /** Its name. */
  id: string;
  /** Live or test events. */
  livemode: boolean;
  /** Your own key-value pairs. */
  metadata: Record<string, string>;
  /** `webhook_endpoint`. */
  object: string;
  /** What its messages are signed with. Only in the answers that make it: to the create and to the roll. */
  secret?: string;
  /** `enabled` or `disabled`. */
  status: string;
  /** Where events are posted to. */
  url: string;
}

/** How webhooks of the account are delivered. */
export interface WebhookPolicy {
  /** After how many days of nothing but failures an endpoint is disabled. */
  disableAfterDays: number;
  /** Seconds from each failed attempt to the next; after the last one the delivery has failed. */
  retryAfterSeconds: number[];
}

/** What `listApiKeys` can be asked for. */
export interface ListApiKeysQuery {
  /** How many to return; 10 when left out. */
  limit?: number | undefined;
  /** The last id of the page before: the page continues with older ones. */
  startingAfter?: string | undefined;
  /** The first id of the page after: the page continues with newer ones. */
  endingBefore?: string | undefined;
}

/** What `listAuditLog` can be asked for. */
export interface ListAuditLogQuery {
  /** Only what was done to this object. */
  objectId?: string | undefined;
  /** How many to return; 10 when left out. */
  limit?: number | undefined;
  /** The last id of the page before: the page continues with older ones. */
  startingAfter?: string | undefined;
  /** The first id of the page after: the page continues with newer ones. */
  endingBefore?: string | undefined;
}

/** What `listBatches` can be asked for. */
export interface ListBatchesQuery {
  /** Only of this terminal. */
  terminalId?: string | undefined;
  /** Where the batch stands. */
  status?: 'open' | 'closing' | 'closed' | undefined;
  /** Three-letter ISO 4217 code. */
  currency?: Currency | undefined;
  /** How many to return; 10 when left out. */
  limit?: number | undefined;
  /** The last id of the page before: the page continues with older batches. */
  startingAfter?: string | undefined;
  /** The first id of the page after: the page continues with newer batches. */
  endingBefore?: string | undefined;
}

/** What `listEvents` can be asked for. */
export interface ListEventsQuery {
  /** Only of this type, or of a category (`terminal.*`). */
  type?: string | undefined;
  /** Only about this object. */
  object?: string | undefined;
  /** When they happened, `created[gte]` and `created[lte]`. */
  created?: {
    /** At this Unix second or later. */
    gte?: number | undefined;
    /** At this Unix second or earlier. */
    lte?: number | undefined;
  } | undefined;
  /** How many to return; 10 when left out. */
  limit?: number | undefined;
  /** The last id of the page before: the page continues with older events. */
  startingAfter?: string | undefined;
  /** The first id of the page after: the page continues with newer events. */
  endingBefore?: string | undefined;
}

/** What `streamEvents` can be asked for. */
export interface StreamEventsQuery {
  /** The last event that was seen; the header `Last-Event-ID` says the same and goes first. */
  after?: string | undefined;
  /** Only these types or categories; all when left out. `terminal_payment.progress` has to be named. */
  enabledEvents?: string[] | undefined;
}

/** What `listLocations` can be asked for. */
export interface ListLocationsQuery {
  /** How many to return; 10 when left out. */
  limit?: number | undefined;
  /** The last id of the page before: the page continues with older ones. */
  startingAfter?: string | undefined;
  /** The first id of the page after: the page continues with newer ones. */
  endingBefore?: string | undefined;
}

/** What `retrieveLocationTerminalConfigStatus` can be asked for. */
export interface RetrieveLocationTerminalConfigStatusQuery {
  /** How many terminals to name; 10 when left out. */
  limit?: number | undefined;
  /** The last terminal of the page before. */
  startingAfter?: string | undefined;
}

/** What `operatorListAccounts` can be asked for. */
export interface OperatorListAccountsQuery {
  /** How many to return; 10 when left out. */
  limit?: number | undefined;
  /** The last id of the page before: the page continues with older ones. */
  startingAfter?: string | undefined;
  /** The first id of the page after: the page continues with newer ones. */
  endingBefore?: string | undefined;
}

/** What `operatorListAuditLog` can be asked for. */
export interface OperatorListAuditLogQuery {
  /** The log of this account; the platform's own when left out. */
  account?: string | undefined;
  /** The account's live log, or with `false` its test log; live when left out. Says nothing without an account. */
  livemode?: boolean | undefined;
  /** Only what was done to this object. */
  objectId?: string | undefined;
  /** How many to return; 10 when left out. */
  limit?: number | undefined;
  /** The last id of the page before: the page continues with older ones. */
  startingAfter?: string | undefined;
  /** The first id of the page after: the page continues with newer ones. */
  endingBefore?: string | undefined;
}

/** What `operatorVerifyAuditLog` can be asked for. */
export interface OperatorVerifyAuditLogQuery {
  /** The log of this account; the platform's own when left out. */
  account?: string | undefined;
  /** The account's live log, or with `false` its test log; live when left out. Says nothing without an account. */
  livemode?: boolean | undefined;
}

/** What `listRefunds` can be asked for. */
export interface ListRefundsQuery {
  /** Only of this payment. */
  payment?: string | undefined;
  /** How many to return; 10 when left out. */
  limit?: number | undefined;
  /** The last id of the page before: the page continues with older refunds. */
  startingAfter?: string | undefined;
  /** The first id of the page after: the page continues with newer refunds. */
  endingBefore?: string | undefined;
}

/** What `listTerminalPayments` can be asked for. */
export interface ListTerminalPaymentsQuery {
  /** Only of this terminal. */
  terminalId?: string | undefined;
  /** Only of terminals at this location. */
  locationId?: string | undefined;
  /** Where the payment stands; `completed`, `failed`, `cancelled` and `expired` are final. */
  status?: 'pending' | 'processing' | 'authorized' | 'completed' | 'failed' | 'cancelled' | 'expired' | undefined;
  /** Created at this Unix second or later. */
  fromDate?: number | undefined;
  /** Created at this Unix second or earlier. */
  toDate?: number | undefined;
  /** How many to return; 10 when left out. */
  limit?: number | undefined;
  /** The last id of the page before: the page continues with older payments. */
  startingAfter?: string | undefined;
  /** The first id of the page after: the page continues with newer payments. */
  endingBefore?: string | undefined;
  /** Only with this reference. */
  reference?: string | undefined;
}

/** What `createTerminalPayment` can be asked for. */
export interface CreateTerminalPaymentQuery {
  simulateCard?: 'visa_approved' | 'card_declined' | 'insufficient_funds' | 'expired_card' | 'lost_or_stolen' | 'mastercard_approved' | 'amex_approved' | 'online_pin' | 'incorrect_pin' | 'pin_try_exceeded' | 'partial_approval' | 'issuer_silent' | 'issuer_late' | 'refund_declined' | 'offline_then_declined' | 'none' | undefined;
  /** Test mode only. How long the simulated customer takes, in whole seconds. */
  simulateDelay?: number | undefined;
}

/** What `listTerminals` can be asked for. */
export interface ListTerminalsQuery {
  /** Only those assigned to this location. */
  locationId?: string | undefined;
  /** Whether the terminal is there. */
  status?: 'online' | 'offline' | 'needs_attention' | 'deactivated' | undefined;
  /** The hardware model. */
  model?: 'nexgo_ct20' | 'nexgo_ct20p' | 'nexgo_n92' | 'nexgo_n86pro' | 'ciontek_cm30' | 'simulator' | undefined;
  /** How many to return; 10 when left out. */
  limit?: number | undefined;
  /** The last id of the page before: the page continues with older ones. */
  startingAfter?: string | undefined;
  /** The first id of the page after: the page continues with newer ones. */
  endingBefore?: string | undefined;
}

/** What `listTerminalActions` can be asked for. */
export interface ListTerminalActionsQuery {
  /** How many to return; 10 when left out. */
  limit?: number | undefined;
  /** The last id of the page before: the page continues with older ones. */
  startingAfter?: string | undefined;
  /** The first id of the page after: the page continues with newer ones. */
  endingBefore?: string | undefined;
}

/** What `listClientCertificates` can be asked for. */
export interface ListClientCertificatesQuery {
  /** How many to return; 10 when left out. */
  limit?: number | undefined;
  /** The last id of the page before: the page continues with older ones. */
  startingAfter?: string | undefined;
  /** The first id of the page after: the page continues with newer ones. */
  endingBefore?: string | undefined;
}

/** What `listWebhookEndpoints` can be asked for. */
export interface ListWebhookEndpointsQuery {
  /** How many to return; 10 when left out. */
  limit?: number | undefined;
  /** The last id of the page before: the page continues with older ones. */
  startingAfter?: string | undefined;
  /** The first id of the page after: the page continues with newer ones. */
  endingBefore?: string | undefined;
}

/** What `listWebhookDeliveries` can be asked for. */
export interface ListWebhookDeliveriesQuery {
  /** Only with this status. */
  status?: string | undefined;
  /** How many to return; 10 when left out. */
  limit?: number | undefined;
  /** The last id of the page before: the page continues with older events. */
  startingAfter?: string | undefined;
  /** The first id of the page after: the page continues with newer events. */
  endingBefore?: string | undefined;
}
