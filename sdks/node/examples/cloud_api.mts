// A server that drives a terminal through the cloud: every call of the Cloud API guide, and what belongs around it.
// Run it against `vinr dev`: VINR_BASE_URL=http://127.0.0.1:8420 VINR_SECRET_KEY=sk_test_vinr_dev node cloud_api.mjs

import { Vinr, VinrError, type TerminalPayment } from '@vinr/sdk';

const vinr = new Vinr({ secretKey: process.env.VINR_SECRET_KEY });
const terminalId = process.env.VINR_TERMINAL ?? 'term_test_simulator';
const run = Date.now().toString(36);

/** Asks now and then until the payment is as far; a webhook would tell without asking. */
async function reached(id: string, ...statuses: Array<TerminalPayment['status']>): Promise<TerminalPayment> {
  for (;;) {
    const payment = await vinr.terminal.payments.retrieve(id);
    if (statuses.includes(payment.status)) return payment;
    await new Promise((resolve) => setTimeout(resolve, 300));
  }
}

// Asynchronous: answered at once, the outcome comes later.
const begun = await vinr.terminal.payments.create({ terminalId, amount: 2500, currency: 'USD', reference: `order_${run}` });
console.log('begun', begun.id, begun.status);
const ended = await reached(begun.id, 'completed', 'failed', 'cancelled');
console.log('ended', ended.status, ended.brand, ended.last4);

// Synchronous: answered with the outcome. A decline is an outcome too.
const paid = await vinr.terminal.payments.createSync({ terminalId, amount: 2500, currency: 'USD', reference: `sync_${run}` });
console.log('paid', paid.status, paid.last4, paid.authCode);
const declined = await vinr.terminal.payments.create({
  terminalId, amount: 2500, currency: 'USD', reference: `declined_${run}`, responseMode: 'sync', simulateCard: 'card_declined',
});
console.log('declined', declined.status, declined.declineCode);

// Cancelled before a card was presented.
const waiting = await vinr.terminal.payments.create({ terminalId, amount: 900, currency: 'USD', reference: `walkout_${run}`, simulateCard: 'none' });
await vinr.terminal.payments.cancel(waiting.id);
console.log('cancelled', (await reached(waiting.id, 'cancelled')).status);

// Authorized at the table, captured with the tip, and refused a second time.
const table = await vinr.terminal.payments.create({ terminalId, amount: 2500, currency: 'USD', reference: `table_${run}`, captureMethod: 'manual' });
await reached(table.id, 'authorized');
const captured = await vinr.terminal.payments.capture(table.id, { amount: 2875 });
console.log('captured', captured.status, captured.amountCaptured);
try {
  await vinr.terminal.payments.capture(table.id);
} catch (error) {
  if (!(error instanceof VinrError)) throw error;
  console.log('refused', error.type, error.code, error.statusCode);
}

// Given back: a part, then the rest.
const refund = await vinr.refunds.create({ payment: paid.id, amount: 1000, reason: 'requested_by_customer' });
console.log('refunded', refund.amount, (await vinr.refunds.create({ payment: paid.id })).amount);

// A customer who takes a while.
const slow = await vinr.terminal.payments.createSync({ terminalId, amount: 1000, currency: 'USD', reference: `slow_${run}`, simulateDelay: 1 });
console.log('slow', slow.status);
