// The calls of the Local API guide that go over the local network. Needs a terminal there, and its client certificate.

import { Vinr } from '@vinr/sdk';

const terminalId = process.env.VINR_TERMINAL ?? 'term_CT20_0042';
const run = Date.now().toString(36);
const vinr = new Vinr({
  secretKey: process.env.VINR_SECRET_KEY,
  terminal: {
    localCertPath: process.env.VINR_LOCAL_CERT_PATH ?? '/etc/vinr/client.p12',
    localCertPassphrase: process.env.VINR_LOCAL_CERT_PASSPHRASE,
    onLocalFailure: (failure) => console.warn('not over the local network', failure.layer, failure.code),
  },
});

const staticHosts = (process.env.VINR_HOSTS ?? '192.168.10.51,192.168.10.52').split(',');
const named = await vinr.terminal.readers.discover({ network: 'local', staticHosts });
for (const reader of named) console.log('named', reader.id, reader.ip, reader.model, reader.status);
const announced = await vinr.terminal.readers.discover({ network: 'local' });
console.log('announced', announced.length >= 0);

const local = await vinr.terminal.payments.createLocal({ readerId: terminalId, amount: 2500, currency: 'USD', reference: `local_${run}` });
console.log('local', local.status, local.last4, local.brand);
const recovered = await vinr.terminal.payments.retrieveByReference(`local_${run}`);
console.log('recovered', recovered.id === local.id);

const hybrid = await vinr.terminal.payments.create({
  terminalId, amount: 2500, currency: 'USD', reference: `hybrid_${run}`, connectivity: { mode: 'hybrid', localTimeoutMs: 2000 },
});
console.log('hybrid', hybrid.status, hybrid.metadata.connectionMode);
const resolved = await vinr.terminal.payments.resolve(hybrid.clientToken);
console.log('resolved', resolved.id === hybrid.id);
