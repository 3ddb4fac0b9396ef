// The calls of the Local API guide that go over the local network. Needs a terminal there, and its client certificate.

import { Vinr } from '@vinr/sdk';

const vinr = new Vinr({
  secretKey: process.env.VINR_SECRET_KEY,
  terminal: { localCertPath: '/etc/vinr/client.p12', localCertPassphrase: process.env.VINR_LOCAL_CERT_PASSPHRASE },
});

const found = await vinr.terminal.readers.discover({ network: 'local' });
const named = await vinr.terminal.readers.discover({ network: 'local', staticHosts: ['192.168.10.51', '192.168.10.52'] });
console.log('readers', found.length, named.map((reader) => `${reader.id} ${reader.ip} ${reader.model} ${reader.status}`));

const local = await vinr.terminal.payments.createLocal({ readerId: 'term_CT20_0042', amount: 2500, currency: 'USD', reference: 'order_8821' });
console.log('local', local.status, local.last4, local.brand);

const hybrid = await vinr.terminal.payments.create({
  terminalId: 'term_CT20_0042', amount: 2500, currency: 'USD', reference: 'order_8822', connectivity: { mode: 'hybrid', localTimeoutMs: 2000 },
});
console.log('hybrid', hybrid.metadata.connectionMode);

const simulated = new Vinr({ secretKey: 'sk_test_example', terminal: { localSimulator: true, simulateOffline: false } });
const [reader] = await simulated.terminal.readers.discover({ network: 'local' });
const paid = await simulated.terminal.payments.createLocal({ readerId: reader?.id ?? '', amount: 1000, currency: 'USD', reference: 'local_test_001' });
console.log('simulated', paid.status);
