// Addresses of terminals, as callers and the network write them.

import { ConfigurationError } from '../errors.js';

const PORT = 8443;

/** Where a terminal may be. */
export interface Place {
  host: string;
  port: number;
}

/** Where an address is: `host`, `host:port`, `[v6]:port`. */
export function placeOf(address: string): Place {
  const [, v6, host, port] = /^(?:\[([0-9A-Fa-f:.]+)\]|([^:[\]/\s]+))(?::(\d{1,5}))?$/.exec(address) ?? [];
  const name = v6 ?? host;
  if (name === undefined) throw new ConfigurationError('parameter_invalid', 'staticHosts are addresses, each with or without a port', 'staticHosts');
  return { host: name, port: port === undefined ? PORT : Number(port) };
}

/** The start of a URL of this place. */
export function urlOf({ host, port }: Place): string {
  return `https://${host.includes(':') ? `[${host}]` : host}:${port}`;
}
