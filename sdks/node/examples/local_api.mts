// The calls of the Local API guide that go through the cloud: a group of terminals, and the recovery of a lost answer. Those
// that go over the local network are in till.mts.

import { ApiTimeoutError, Vinr } from '@vinr/sdk';

const vinr = new Vinr({ secretKey: process.env.VINR_SECRET_KEY });
const terminalId = process.env.VINR_TERMINAL ?? 'term_test_simulator';
const run = Date.now().toString(36);

// Whichever terminal is free first.
const second = await vinr.testHelpers.terminals.create({ model: 'nexgo_ct20' });
const grouped = await vinr.terminal.payments.create({
  amount: 1500, currency: 'USD', reference: `group_${run}`, terminalGroup: [terminalId, second.id], responseMode: 'sync', simulateCard: 'visa_approved',
});
console.log('group', grouped.status, [terminalId, second.id].includes(grouped.terminalId ?? ''), grouped.metadata.connectionMode ?? 'not said');

// The till gives up before the customer does. The error names the payment; nothing was sent a second time.
const reference = `order_${run}`;
try {
  await vinr.terminal.payments.createSync({ terminalId, amount: 2500, currency: 'USD', reference, simulateDelay: 2 }, { timeoutMs: 500 });
} catch (error) {
  if (!(error instanceof ApiTimeoutError)) throw error;
  console.log('timed out', error.outcomeUnknown, error.payment?.status);
}
let payment = await vinr.terminal.payments.retrieveByReference(reference);
while (payment.status === 'pending' || payment.status === 'processing') {
  await new Promise((resolve) => setTimeout(resolve, 300));
  payment = await vinr.terminal.payments.retrieveByReference(reference);
}
console.log('recovered', payment.status, payment.last4);
