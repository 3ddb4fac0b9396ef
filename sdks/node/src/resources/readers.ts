// Terminals on the local network, as a till finds them.

import type { CallOptions } from '../settings.js';
import { notYet } from './terminal_payments.js';

/** Where to look. */
export interface DiscoverParams {
  network: 'local';
  /** Addresses to ask instead of the network. */
  staticHosts?: string[] | undefined;
}

/** A terminal on the local network. */
export interface Reader {
  id: string;
  ip: string;
  model: string;
  status: 'online' | 'busy' | 'locked' | 'offline';
}

/** `vinr.terminal.readers` */
export class Readers {
  /** The terminals that answer on the local network. */
  async discover(_params: DiscoverParams, _options?: CallOptions): Promise<Reader[]> {
    throw notYet('terminal.readers.discover');
  }
}
