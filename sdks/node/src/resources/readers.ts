// Terminals on the local network, as a till finds them.

import { ConfigurationError } from '../errors.js';
import type { Reader, TerminalsNearby } from '../local/terminals_nearby.js';
import type { CallOptions } from '../settings.js';

/** Where to look. */
export interface DiscoverParams {
  network: 'local';
  /** Addresses to ask (`host` or `host:port`, 8443 unless given). */
  staticHosts?: string[] | undefined;
}

/** `vinr.terminal.readers` */
export class Readers {
  readonly #nearby: TerminalsNearby;

  /** @internal */
  constructor(nearby: TerminalsNearby) {
    this.#nearby = nearby;
  }

  /** The terminals that answer on the local network. Each has proven who it is; one that cannot is an error. */
  async discover(params: DiscoverParams, options: CallOptions = {}): Promise<Reader[]> {
    if (params?.network !== 'local') throw new ConfigurationError('parameter_invalid', "network has to be 'local'", 'network');
    if (params.staticHosts !== undefined || this.#nearby.simulated) return this.#nearby.at(params.staticHosts ?? [], options);
    const message = 'this version of the SDK finds terminals by their addresses only: pass staticHosts';
    throw new ConfigurationError('not_supported', message, 'staticHosts');
  }
}
