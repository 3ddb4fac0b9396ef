// The client: every call under its documented name. Puts the parts together; decides nothing.

import { Exchange } from './exchange.js';
import type { LegacyTerminalPayment } from './generated/api.js';
import { Courier } from './hybrid/courier.js';
import { DelegationFiles } from './hybrid/delegations.js';
import { HybridPayments } from './hybrid/payments.js';
import { TerminalsNearby } from './local/terminals_nearby.js';
import { AccountSettings, ApiKeys, AuditLog } from './resources/account.js';
import { Batches } from './resources/batches.js';
import { EventLog } from './resources/event_log.js';
import { Locations } from './resources/locations.js';
import { OperatedAccounts, OperatorAuditLog, Releases } from './resources/operator.js';
import { Readers } from './resources/readers.js';
import { Refunds } from './resources/refunds.js';
import { CurrentTerminalPayments, TerminalPayments } from './resources/terminal_payments.js';
import { Certificates, TerminalActions, TerminalModels, Terminals } from './resources/terminals.js';
import { TestTerminals } from './resources/test_helpers.js';
import { WebhookEndpoints } from './resources/webhook_endpoints.js';
import { senderOf } from './sender.js';
import { PAUSE, type Pause, Settings, type VinrOptions } from './settings.js';
import { LEGACY } from './version.js';
import { Webhooks } from './webhooks.js';

const rest: Pause = (ms, signal) =>
  new Promise((resolve) => {
    const over = (): void => {
      clearTimeout(clock);
      signal?.removeEventListener('abort', over);
      resolve();
    };
    const clock = setTimeout(over, ms);
    signal?.addEventListener('abort', over, { once: true });
    if (signal?.aborted) over();
  });

/** A client of the VINR API. Make one and keep it: it is safe to use from everywhere at once. */
export class Vinr {
  readonly #settings: Settings;
  /** In-person payments, version 2026-06-11, and the terminals of the local network. */
  readonly terminal: { readonly payments: CurrentTerminalPayments; readonly readers: Readers };
  /** In-person payments, version 2025-05-31: times in Unix seconds, unset fields `null`. */
  readonly terminalPayments: TerminalPayments<LegacyTerminalPayment>;
  readonly terminals: Terminals;
  readonly terminalActions: TerminalActions;
  readonly terminalModels: TerminalModels;
  readonly certificates: Certificates;
  readonly locations: Locations;
  readonly refunds: Refunds;
  readonly batches: Batches;
  readonly events: EventLog;
  readonly webhookEndpoints: WebhookEndpoints;
  /** Checks the signatures of webhooks. */
  readonly webhooks: Webhooks;
  readonly apiKeys: ApiKeys;
  readonly account: AccountSettings;
  readonly auditLog: AuditLog;
  /** Test mode only. */
  readonly testHelpers: { readonly terminals: TestTerminals };
  /** With an operator's key only. */
  readonly operator: { readonly accounts: OperatedAccounts; readonly auditLog: OperatorAuditLog; readonly releases: Releases };

  constructor(options: VinrOptions) {
    this.#settings = new Settings(options);
    const pause = (options as { [PAUSE]?: Pause })[PAUSE] ?? rest;
    const exchange = new Exchange(this.#settings, senderOf(options), pause);
    this.terminals = new Terminals(exchange);
    this.terminalActions = new TerminalActions(exchange);
    this.terminalModels = new TerminalModels(exchange);
    this.certificates = new Certificates(exchange);
    const { terminal, maxRetries, simulator, stateDir, baseUrl } = this.#settings;
    const root = { fetch: () => this.certificates.retrieveCaBundle().then(), platform: baseUrl, directory: stateDir };
    const nearby = new TerminalsNearby({ options: terminal, maxRetries, root, pause, simulator });
    const delegations = terminal.delegations ?? new DelegationFiles(stateDir);
    const hybrid = new HybridPayments(nearby, new Courier(nearby, delegations, pause, terminal.onLocalFailure), delegations);
    this.terminal = { payments: new CurrentTerminalPayments(exchange, { nearby, hybrid }), readers: new Readers(nearby) };
    this.terminalPayments = new TerminalPayments<LegacyTerminalPayment>(exchange, { nearby, hybrid }, LEGACY);
    this.locations = new Locations(exchange);
    this.refunds = new Refunds(exchange);
    this.batches = new Batches(exchange);
    this.events = new EventLog(exchange);
    this.webhookEndpoints = new WebhookEndpoints(exchange);
    this.webhooks = new Webhooks();
    this.apiKeys = new ApiKeys(exchange);
    this.account = new AccountSettings(exchange);
    this.auditLog = new AuditLog(exchange);
    this.testHelpers = { terminals: new TestTerminals(exchange) };
    this.operator = {
      accounts: new OperatedAccounts(exchange), auditLog: new OperatorAuditLog(exchange), releases: new Releases(exchange),
    };
  }

  /** Ends what the client has started: its simulator. Calls that need it fail from now on. */
  async close(): Promise<void> {
    await this.#settings.simulator?.close();
  }

  /** What is safe to show: where it speaks to, and which kind of key it has. */
  toJSON(): { baseUrl: string; secretKey: string } {
    return { baseUrl: this.#settings.baseUrl, secretKey: this.#settings.keyHint() };
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return `Vinr { baseUrl: '${this.#settings.baseUrl}', secretKey: '${this.#settings.keyHint()}' }`;
  }
}
