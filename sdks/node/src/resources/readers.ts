// Terminals on the local network, as a till finds them.

import { ConfigurationError } from '../errors.js';
import type { Reader, TerminalsNearby } from '../local/terminals_nearby.js';
import { type CallOptions, milliseconds } from '../settings.js';

const BROWSE_MS = 2_000;

/** Where to look. */
export interface DiscoverParams {
  network: 'local';
  /** Addresses to ask (`host` or `host:port`, 8443 unless given), instead of asking the whole network by multicast. */
  staticHosts?: string[] | undefined;
  /** How long the network is listened to, in milliseconds; 2 000 unless given. */
  timeoutMs?: number | undefined;
}

/** `vinr.terminal.readers` */
export class Readers {
  readonly #nearby: TerminalsNearby;

  /** @internal */
  constructor(nearby: TerminalsNearby) {
    this.#nearby = nearby;
  }

  /**
   * The terminals of the local network: those at `staticHosts`, or those that announce themselves. Each has proven who it is. At an
   * address that was named, one that cannot is an error; among those that announce themselves it is left out.
   */
  async discover(params: DiscoverParams, options: CallOptions = {}): Promise<Reader[]> {
    if (params?.network !== 'local') throw new ConfigurationError('parameter_invalid', "network has to be 'local'", 'network');
    return this.#nearby.discover(params.staticHosts, milliseconds(params.timeoutMs, BROWSE_MS), options);
  }
}
