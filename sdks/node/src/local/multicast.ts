// Asks the local network for terminals: DNS-SD over multicast DNS, on every interface. What answers is a hint and no proof: the
// certificate says who is there.

import { networkInterfaces } from 'node:os';

import type { MulticastDNS, ResponsePacket } from 'multicast-dns';

const SERVICE = '_vinr-terminal._tcp.local';
/** A question may be lost, and a terminal may be busy: it is asked again after these times, in milliseconds. */
const AGAIN_AT_MS = [250, 750, 1_500];
const MOST_HINTS = 1_000;

/** What somebody on the network announces. */
export interface Hint {
  id: string;
  model: string;
  ip: string;
  port: number;
}

/** Hands every hint to `found` once, until the time is over or the signal ends it. */
export async function browse(limitMs: number, signal: AbortSignal, found: (hint: Hint) => void): Promise<void> {
  const { default: multicastDns } = await import('multicast-dns');
  const seen = new Set<string>();
  const hear = (packet: ResponsePacket, from: { address: string }): void => {
    for (const hint of hintsIn(packet, from.address)) {
      const key = `${hint.id} ${hint.ip} ${hint.port}`;
      if (seen.has(key) || seen.size >= MOST_HINTS) continue;
      seen.add(key);
      found(hint);
    }
  };
  const sockets = interfaces().map((address) => listen(() => multicastDns({ interface: address, bind: '0.0.0.0' }), hear));
  const ask = (): void => sockets.forEach((socket) => socket?.query({ questions: [{ name: SERVICE, type: 'PTR' }] }));
  const clocks = AGAIN_AT_MS.filter((ms) => ms < limitMs).map((ms) => setTimeout(ask, ms));
  try {
    ask();
    await over(limitMs, signal);
  } finally {
    clocks.forEach(clearTimeout);
    sockets.forEach((socket) => socket?.destroy());
  }
}

/** One address of every interface, loopback too: a terminal that is developed on this machine is there. */
function interfaces(): string[] {
  return Object.values(networkInterfaces()).flatMap((each) => each?.find(({ family }) => family === 'IPv4')?.address ?? []);
}

function listen(make: () => MulticastDNS, hear: (packet: ResponsePacket, from: { address: string }) => void): MulticastDNS | undefined {
  const socket = make();
  // An interface that takes no multicast finds nobody; the others may.
  socket.on('error', () => {});
  socket.on('warning', () => {});
  socket.on('response', hear);
  return socket;
}

function over(limitMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const clock = setTimeout(done, limitMs);
    function done(): void {
      clearTimeout(clock);
      signal.removeEventListener('abort', done);
      resolve();
    }
    signal.addEventListener('abort', done, { once: true });
    if (signal.aborted) done();
  });
}

/** The terminals that one packet announces. */
export function hintsIn(packet: Pick<ResponsePacket, 'answers' | 'additionals'>, from: string): Hint[] {
  const records = [...(packet.answers ?? []), ...(packet.additionals ?? [])];
  const named = (name: string) => (one: { name: string }): boolean => one.name.toLowerCase() === name.toLowerCase();
  const hints: Hint[] = [];
  for (const pointer of records) {
    if (pointer.type !== 'PTR' || pointer.name.toLowerCase() !== SERVICE) continue;
    const about = records.filter(named(pointer.data));
    const service = about.find((one) => one.type === 'SRV');
    const text = about.find((one) => one.type === 'TXT');
    if (service?.type !== 'SRV' || text?.type !== 'TXT') continue;
    const facts = factsOf(text.data);
    const place = records.filter(named(service.data.target)).find((one) => one.type === 'A');
    const id = facts.get('id');
    if (id === undefined) continue;
    hints.push({ id, model: facts.get('model') ?? '', ip: place?.type === 'A' ? place.data : from, port: service.data.port });
  }
  return hints;
}

function factsOf(data: string | Buffer | Array<string | Buffer>): Map<string, string> {
  const lines = (Array.isArray(data) ? data : [data]).map(String);
  return new Map(lines.map((line) => [line.split('=', 1)[0] ?? '', line.slice(line.indexOf('=') + 1)]));
}
