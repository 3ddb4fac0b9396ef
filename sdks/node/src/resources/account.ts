// The account of the key: its settings, its keys, its audit log.

import type { ApiCall } from '../api_call.js';
import type {
  Account, ApiKey, AuditEntry, AuditVerification, CreateApiKey, ListApiKeysQuery, ListAuditLogQuery, RollApiKey, TerminalConfig, TerminalConfigDryRun, UpdateAccount,
} from '../generated/api.js';
import { segment } from '../identity.js';
import type { List } from '../page.js';
import { Resource } from '../resource.js';
import type { CallOptions } from '../settings.js';
import type { DryRun } from './terminals.js';

/** `vinr.account` */
export class AccountSettings extends Resource {
  /** The account as it is now. */
  retrieve(options?: CallOptions): ApiCall<Account> {
    return this.read<Account>(() => '/v1/account', {}, options);
  }

  /** Changes what is given. */
  update(params: UpdateAccount, options?: CallOptions): ApiCall<Account> {
    return this.write<Account>(() => '/v1/account', { body: params }, options);
  }

  /** What is configured for all terminals. */
  retrieveTerminalConfig(options?: CallOptions): ApiCall<TerminalConfig> {
    return this.read<TerminalConfig>(() => '/v1/account/terminal-config', {}, options);
  }

  /** Replaces what is configured for all terminals; with `dryRun: true` tells what would change. */
  updateTerminalConfig(params: DryRun, options?: CallOptions): ApiCall<TerminalConfigDryRun>;
  updateTerminalConfig(params: TerminalConfig & { dryRun?: false | undefined }, options?: CallOptions): ApiCall<TerminalConfig>;
  updateTerminalConfig(params: TerminalConfig & { dryRun?: boolean | undefined }, options?: CallOptions): ApiCall<TerminalConfig & TerminalConfigDryRun> {
    const { dryRun, ...body } = params;
    return this.write<TerminalConfig & TerminalConfigDryRun>(() => '/v1/account/terminal-config', { method: 'PUT', body, query: { dryRun } }, options);
  }
}

/** `vinr.apiKeys` */
export class ApiKeys extends Resource {
  /** Makes a key; `secret` is shown this once. */
  create(params: CreateApiKey, options?: CallOptions): ApiCall<ApiKey> {
    return this.write<ApiKey>(() => '/v1/api-keys', { body: params }, options);
  }

  /** The key, without its secret. */
  retrieve(id: string, options?: CallOptions): ApiCall<ApiKey> {
    return this.read<ApiKey>(() => `/v1/api-keys/${segment('id', id)}`, {}, options);
  }

  /** Keys, newest first. */
  list(params: ListApiKeysQuery = {}, options?: CallOptions): List<ApiKey> {
    return this.pages<ApiKey>(() => '/v1/api-keys', params, options);
  }

  /** Replaces a key; the old one goes on working for `expiresIn` seconds. */
  roll(id: string, params: RollApiKey = {}, options?: CallOptions): ApiCall<ApiKey> {
    return this.write<ApiKey>(() => `/v1/api-keys/${segment('id', id)}/roll`, { body: params }, options);
  }

  /** Ends a key at once. */
  revoke(id: string, options?: CallOptions): ApiCall<ApiKey> {
    return this.write<ApiKey>(() => `/v1/api-keys/${segment('id', id)}/revoke`, {}, options);
  }
}

/** `vinr.auditLog` */
export class AuditLog extends Resource {
  /** Who changed what, newest first. */
  list(params: ListAuditLogQuery = {}, options?: CallOptions): List<AuditEntry> {
    return this.pages<AuditEntry>(() => '/v1/audit-log', params, options);
  }

  /** Whether nothing was taken out of it or changed. */
  verify(options?: CallOptions): ApiCall<AuditVerification> {
    return this.read<AuditVerification>(() => '/v1/audit-log/verify', {}, options);
  }
}
