// What an operator's key (`ok_…`) may do: accounts, their keys, software releases, the operator's audit log.

import type { ApiCall } from '../api_call.js';
import type {
  ApiKey, AuditEntry, AuditVerification, CreateAccount, CreateAccountKey, CreateRelease, OperatedAccount, OperatorListAccountsQuery, OperatorListAuditLogQuery,
  OperatorVerifyAuditLogQuery, Release, UpdateOperatedAccount, UpdateRelease,
} from '../generated/api.js';
import { segment } from '../identity.js';
import type { List } from '../page.js';
import { Resource } from '../resource.js';
import type { CallOptions } from '../settings.js';

const ACCOUNTS = '/v1/operator/accounts';
const RELEASES = '/v1/operator/releases';

/** `vinr.operator.accounts` */
export class OperatedAccounts extends Resource {
  /** Makes an account. */
  create(params: CreateAccount, options?: CallOptions): ApiCall<OperatedAccount> {
    return this.write<OperatedAccount>(() => ACCOUNTS, { body: params }, options);
  }

  /** The account as it is now. */
  retrieve(id: string, options?: CallOptions): ApiCall<OperatedAccount> {
    return this.read<OperatedAccount>(() => `${ACCOUNTS}/${segment('id', id)}`, {}, options);
  }

  /** Renames, caps or suspends it. */
  update(id: string, params: UpdateOperatedAccount, options?: CallOptions): ApiCall<OperatedAccount> {
    return this.write<OperatedAccount>(() => `${ACCOUNTS}/${segment('id', id)}`, { body: params }, options);
  }

  /** Accounts, newest first. */
  list(params: OperatorListAccountsQuery = {}, options?: CallOptions): List<OperatedAccount> {
    return this.pages<OperatedAccount>(() => ACCOUNTS, params, options);
  }

  /** Makes a key of the account. */
  createApiKey(id: string, params: CreateAccountKey, options?: CallOptions): ApiCall<ApiKey> {
    return this.write<ApiKey>(() => `${ACCOUNTS}/${segment('id', id)}/api-keys`, { body: params }, options);
  }
}

/** `vinr.operator.auditLog` */
export class OperatorAuditLog extends Resource {
  /** Who changed what, in an account or by the operator; newest first. */
  list(params: OperatorListAuditLogQuery = {}, options?: CallOptions): List<AuditEntry> {
    return this.pages<AuditEntry>(() => '/v1/operator/audit-log', params, options);
  }

  /** Whether nothing was taken out of it or changed. */
  verify(params: OperatorVerifyAuditLogQuery = {}, options?: CallOptions): ApiCall<AuditVerification> {
    return this.read<AuditVerification>(() => '/v1/operator/audit-log/verify', params, options);
  }
}

/** `vinr.operator.releases` */
export class Releases extends Resource {
  /** Registers a version of a model's software. */
  create(params: CreateRelease, options?: CallOptions): ApiCall<Release> {
    return this.write<Release>(() => RELEASES, { body: params }, options);
  }

  /** The release as it is now. */
  retrieve(id: string, options?: CallOptions): ApiCall<Release> {
    return this.read<Release>(() => `${RELEASES}/${segment('id', id)}`, {}, options);
  }

  /** Rolls it out further, or halts it. */
  update(id: string, params: UpdateRelease, options?: CallOptions): ApiCall<Release> {
    return this.write<Release>(() => `${RELEASES}/${segment('id', id)}`, { body: params }, options);
  }

  /** Every release. */
  list(options?: CallOptions): List<Release> {
    return this.pages<Release>(() => RELEASES, {}, options);
  }
}
