// A till without a terminal: the local simulator, with and without internet. Nothing leaves the machine.

import { Vinr } from '@vinr/sdk';

const vinr = new Vinr({ secretKey: 'sk_test_...', terminal: { localSimulator: true } });
const readers = await vinr.terminal.readers.discover({ network: 'local' });
console.log('readers', readers.map((reader) => `${reader.id} ${reader.ip} ${reader.model}`).join());

const paid = await vinr.terminal.payments.createLocal({ readerId: 'term_local_simulator', amount: 1000, currency: 'USD', reference: 'local_test_001' });
console.log('paid', paid.status, paid.last4);
const declined = await vinr.terminal.payments.createLocal({
  readerId: 'term_local_simulator', amount: 1000, currency: 'USD', reference: 'local_test_002', simulateCard: 'insufficient_funds',
});
console.log('declined', declined.declineCode);
await vinr.close();

const offline = new Vinr({ secretKey: 'sk_test_...', terminal: { localSimulator: true, simulateOffline: true } });
const waiting = await offline.terminal.payments.createLocal({ readerId: 'term_local_simulator', amount: 1000, currency: 'USD', reference: 'local_test_003' });
console.log('offline', waiting.status, waiting.offline);
await offline.close();
