// A till for the fault matrix: makes the calls that it is told, one JSON line each, and may be killed at any moment. The first line
// on standard input says with what; `tests/outside` writes it. With `tell` in it, failures of the local network are lines of their own.

import { createInterface } from 'node:readline';

import { VinrError, Vinr } from '@vinr/sdk';

const CALLS = {
  create: (vinr, { connectivity, ...args }) => vinr.terminal.payments.create({ ...args, ...(connectivity && { connectivity }) }),
  createLocal: (vinr, args) => vinr.terminal.payments.createLocal(args),
  retrieveByReference: (vinr, { reference }) => vinr.terminal.payments.retrieveByReference(reference),
  resolve: (vinr, { clientToken }) => vinr.terminal.payments.resolve(clientToken),
  discover: (vinr, args) => vinr.terminal.readers.discover({ network: 'local', ...args }),
};

function clientOf({ secretKey, baseUrl, p12, passphrase, caBundle, staticHosts, stateDir, simulatorPath, localSimulator, simulateOffline, tell }) {
  const terminal = {
    localCertPath: p12, localCertPassphrase: passphrase, localCaPath: caBundle, staticHosts, stateDir, simulatorPath, localSimulator, simulateOffline,
    onLocalFailure: (failure) => tell && say({ told: failure }),
  };
  return new Vinr({ secretKey, baseUrl, terminal });
}

function say(line) {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

function shown(error) {
  if (!(error instanceof VinrError)) return { class: error?.name ?? 'unknown', code: String(error?.message), layer: null, outcomeUnknown: true, clientToken: null };
  const { name, code, layer, outcomeUnknown, clientToken, message } = error;
  return { class: name, code, layer: layer ?? error.localFailure?.layer ?? null, outcomeUnknown, clientToken: clientToken ?? null, message };
}

async function carryOut(vinr, { id, call, args }) {
  try {
    say({ id, ok: await CALLS[call](vinr, args ?? {}) });
  } catch (error) {
    say({ id, error: shown(error) });
  }
}

let vinr;
const running = new Set();
for await (const line of createInterface({ input: process.stdin })) {
  if (line.trim() === '') continue;
  const told = JSON.parse(line);
  if (vinr === undefined) {
    vinr = clientOf(told);
    continue;
  }
  const one = carryOut(vinr, told).finally(() => running.delete(one));
  running.add(one);
}
await Promise.all(running);
await vinr?.close();
