// Locations: where terminals stand, and what is configured for all of them.

import type { ApiCall } from '../api_call.js';
import type {
  CreateLocation, Deleted, ListLocationsQuery, Location, RetrieveLocationTerminalConfigStatusQuery, TerminalConfig, TerminalConfigDryRun, TerminalConfigState,
  UpdateLocation,
} from '../generated/api.js';
import { segment } from '../identity.js';
import type { List, Page } from '../page.js';
import { Resource } from '../resource.js';
import type { CallOptions } from '../settings.js';
import type { DryRun } from './terminals.js';

const PATH = '/v1/locations';

/** How many terminals have a location's configuration, beside a page of them. */
export type ConfigProgress = Page<TerminalConfigState> & { locationId: string; applied: number; pending: number; failed: number };

/** `vinr.locations` */
export class Locations extends Resource {
  /** Makes a location. */
  create(params: CreateLocation, options?: CallOptions): ApiCall<Location> {
    return this.write<Location>(() => PATH, { body: params }, options);
  }

  /** The location as it is now. */
  retrieve(id: string, options?: CallOptions): ApiCall<Location> {
    return this.read<Location>(() => `${PATH}/${segment('id', id)}`, {}, options);
  }

  /** Changes what is given. */
  update(id: string, params: UpdateLocation, options?: CallOptions): ApiCall<Location> {
    return this.write<Location>(() => `${PATH}/${segment('id', id)}`, { body: params }, options);
  }

  /** Deletes a location where no terminal stands. */
  delete(id: string, options?: CallOptions): ApiCall<Deleted> {
    return this.remove<Deleted>(() => `${PATH}/${segment('id', id)}`, options);
  }

  /** Locations, newest first. */
  list(params: ListLocationsQuery = {}, options?: CallOptions): List<Location> {
    return this.pages<Location>(() => PATH, params, options);
  }

  /** What is configured for its terminals. */
  retrieveTerminalConfig(id: string, options?: CallOptions): ApiCall<TerminalConfig> {
    return this.read<TerminalConfig>(() => `${PATH}/${segment('id', id)}/terminal-config`, {}, options);
  }

  /** Replaces what is configured for its terminals; with `dryRun: true` tells what would change. */
  updateTerminalConfig(id: string, params: DryRun, options?: CallOptions): ApiCall<TerminalConfigDryRun>;
  updateTerminalConfig(id: string, params: TerminalConfig & { dryRun?: false | undefined }, options?: CallOptions): ApiCall<Location>;
  updateTerminalConfig(id: string, params: TerminalConfig & { dryRun?: boolean | undefined }, options?: CallOptions): ApiCall<Location & TerminalConfigDryRun> {
    const { dryRun, ...body } = params;
    const path = (): string => `${PATH}/${segment('id', id)}/terminal-config`;
    return this.write<Location & TerminalConfigDryRun>(path, { method: 'PUT', body, query: { dryRun } }, options);
  }

  /** Which of its terminals have it. */
  retrieveTerminalConfigStatus(id: string, params: RetrieveLocationTerminalConfigStatusQuery = {}, options?: CallOptions): List<TerminalConfigState, ConfigProgress> {
    const path = (): string => `${PATH}/${segment('id', id)}/terminal-config/status`;
    return this.pages<TerminalConfigState, ConfigProgress>(path, params, options, (state) => state.terminalId);
  }
}
