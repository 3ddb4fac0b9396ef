// Terminals: activated, named, configured, acted upon; their models; readers on the local network.

import type { ApiCall } from '../api_call.js';
import type {
  ActivateTerminal, CashlessKey, ClientCertificate, CreateAction, CreateClientCertificate, ListClientCertificatesQuery, ListTerminalActionsQuery,
  ListTerminalsQuery, PutLan, Terminal, TerminalAction, TerminalConfig, TerminalConfigDryRun, TerminalEffectiveConfig, TerminalLan, TerminalModel, UpdateTerminal,
} from '../generated/api.js';
import { segment } from '../identity.js';
import type { List } from '../page.js';
import { Resource } from '../resource.js';
import type { CallOptions } from '../settings.js';

const PATH = '/v1/terminals';

/** A configuration to be tried out: nothing is changed. */
export type DryRun = TerminalConfig & { dryRun: true };

/** `vinr.terminals` */
export class Terminals extends Resource {
  /** Takes a device into service by the code on its screen. */
  activate(params: ActivateTerminal, options?: CallOptions): ApiCall<Terminal> {
    return this.write<Terminal>(() => `${PATH}/activate`, { body: params }, options);
  }

  /** The terminal as it is now. */
  retrieve(id: string, options?: CallOptions): ApiCall<Terminal> {
    return this.read<Terminal>(() => `${PATH}/${segment('id', id)}`, {}, options);
  }

  /** Names it, or moves it to another location. */
  update(id: string, params: UpdateTerminal, options?: CallOptions): ApiCall<Terminal> {
    return this.write<Terminal>(() => `${PATH}/${segment('id', id)}`, { body: params }, options);
  }

  /** Terminals, newest first. */
  list(params: ListTerminalsQuery = {}, options?: CallOptions): List<Terminal> {
    return this.pages<Terminal>(() => PATH, params, options);
  }

  /** Configures it; with `dryRun: true` tells what would change. */
  configure(id: string, params: DryRun, options?: CallOptions): ApiCall<TerminalConfigDryRun>;
  configure(id: string, params: TerminalConfig & { dryRun?: false | undefined }, options?: CallOptions): ApiCall<Terminal>;
  configure(id: string, params: TerminalConfig & { dryRun?: boolean | undefined }, options?: CallOptions): ApiCall<Terminal & TerminalConfigDryRun> {
    const { dryRun, ...body } = params;
    return this.write<Terminal & TerminalConfigDryRun>(() => `${PATH}/${segment('id', id)}/configure`, { body, query: { dryRun } }, options);
  }

  /** What holds for it, from which level, and whether it has it. */
  retrieveEffectiveConfig(id: string, options?: CallOptions): ApiCall<TerminalEffectiveConfig> {
    return this.read<TerminalEffectiveConfig>(() => `${PATH}/${segment('id', id)}/effective-config`, {}, options);
  }

  /** Takes it out of service. */
  deactivate(id: string, options?: CallOptions): ApiCall<Terminal> {
    return this.write<Terminal>(() => `${PATH}/${segment('id', id)}/deactivate`, {}, options);
  }

  /** Has it restart, update, lock or unlock. */
  sendAction(id: string, params: CreateAction, options?: CallOptions): ApiCall<TerminalAction> {
    return this.write<TerminalAction>(() => `${PATH}/${segment('id', id)}/actions`, { body: params }, options);
  }

  /** Its actions, newest first. */
  listActions(id: string, params: ListTerminalActionsQuery = {}, options?: CallOptions): List<TerminalAction> {
    return this.pages<TerminalAction>(() => `${PATH}/${segment('id', id)}/actions`, params, options);
  }

  /** One of its actions. */
  retrieveAction(id: string, actionId: string, options?: CallOptions): ApiCall<TerminalAction> {
    return this.read<TerminalAction>(() => `${PATH}/${segment('id', id)}/actions/${segment('actionId', actionId)}`, {}, options);
  }

  /** Takes an action back that has not been sent. */
  cancelAction(id: string, actionId: string, options?: CallOptions): ApiCall<TerminalAction> {
    return this.write<TerminalAction>(() => `${PATH}/${segment('id', id)}/actions/${segment('actionId', actionId)}/cancel`, {}, options);
  }

  /** What it serves on the local network. */
  retrieveLan(id: string, options?: CallOptions): ApiCall<TerminalLan> {
    return this.read<TerminalLan>(() => `${PATH}/${segment('id', id)}/lan`, {}, options);
  }

  /** Changes what it serves on the local network; what is left out is off. */
  updateLan(id: string, params: PutLan, options?: CallOptions): ApiCall<TerminalLan> {
    return this.write<TerminalLan>(() => `${PATH}/${segment('id', id)}/lan`, { method: 'PUT', body: params }, options);
  }

  /** Lets a till speak to it over the local network. `pkcs12`, `passphrase` and `privateKey` are shown this once. */
  createClientCertificate(id: string, params: CreateClientCertificate = {}, options?: CallOptions): ApiCall<ClientCertificate> {
    return this.write<ClientCertificate>(() => this.#certificates(id), { body: params }, options);
  }

  /** One of the certificates. */
  retrieveClientCertificate(id: string, certificateId: string, options?: CallOptions): ApiCall<ClientCertificate> {
    return this.read<ClientCertificate>(() => `${this.#certificates(id)}/${segment('certificateId', certificateId)}`, {}, options);
  }

  /** Its certificates, newest first. */
  listClientCertificates(id: string, params: ListClientCertificatesQuery = {}, options?: CallOptions): List<ClientCertificate> {
    return this.pages<ClientCertificate>(() => this.#certificates(id), params, options);
  }

  /** Ends a certificate for ever. */
  revokeClientCertificate(id: string, certificateId: string, options?: CallOptions): ApiCall<ClientCertificate> {
    return this.write<ClientCertificate>(() => `${this.#certificates(id)}/${segment('certificateId', certificateId)}/revoke`, {}, options);
  }

  /** Draws a new shared key for its Cashless API; `secret` is shown this once. */
  generateCashlessKey(id: string, options?: CallOptions): ApiCall<CashlessKey> {
    return this.write<CashlessKey>(() => `${PATH}/${segment('id', id)}/cashless-key`, {}, options);
  }

  /** Whether there is a key, and how it begins and ends. */
  retrieveCashlessKey(id: string, options?: CallOptions): ApiCall<CashlessKey> {
    return this.read<CashlessKey>(() => `${PATH}/${segment('id', id)}/cashless-key`, {}, options);
  }

  /** Takes the key away: its Cashless API refuses everybody. */
  deleteCashlessKey(id: string, options?: CallOptions): ApiCall<CashlessKey> {
    return this.remove<CashlessKey>(() => `${PATH}/${segment('id', id)}/cashless-key`, options);
  }

  #certificates(id: string): string {
    return `${PATH}/${segment('id', id)}/client-certificates`;
  }
}

/** `vinr.terminalActions`: actions by their own name. */
export class TerminalActions extends Resource {
  /** The action as it is now. */
  retrieve(id: string, options?: CallOptions): ApiCall<TerminalAction> {
    return this.read<TerminalAction>(() => `/v1/terminal-actions/${segment('id', id)}`, {}, options);
  }

  /** Takes it back when it has not been sent. */
  cancel(id: string, options?: CallOptions): ApiCall<TerminalAction> {
    return this.write<TerminalAction>(() => `/v1/terminal-actions/${segment('id', id)}/cancel`, {}, options);
  }
}

/** `vinr.certificates`: what tills trust. */
export class Certificates extends Resource {
  /** The root certificate by which tills know the terminals of this platform, as PEM. */
  retrieveCaBundle(options?: CallOptions): ApiCall<string> {
    return this.text(() => '/v1/ca-bundle', 'application/x-pem-file', options);
  }
}

/** `vinr.terminalModels` */
export class TerminalModels extends Resource {
  /** The models that there are, and what they can. */
  list(options?: CallOptions): List<TerminalModel> {
    return this.pages<TerminalModel>(() => '/v1/terminal-models', {}, options);
  }
}
