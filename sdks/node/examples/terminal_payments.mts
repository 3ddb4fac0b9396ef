// The calls of the terminal payments reference, in its version: times in Unix seconds, unset fields null.

import { Vinr } from '@vinr/sdk';

const vinr = new Vinr({ secretKey: process.env.VINR_SECRET_KEY });
const terminalId = process.env.VINR_TERMINAL ?? 'term_test_simulator';
const run = Date.now().toString(36);

const created = await vinr.terminalPayments.create({ terminalId, amount: 4200, currency: 'EUR', reference: `ref_${run}`, captureMethod: 'manual', responseMode: 'sync' });
console.log('created', created.id, created.status, new Date(created.createdAt * 1000).getUTCFullYear(), created.completedAt);

const retrieved = await vinr.terminalPayments.retrieve(created.id);
console.log('retrieved', retrieved.status, retrieved.paymentMethod?.card.last4, retrieved.tip?.amount);

const captured = await vinr.terminalPayments.capture(created.id);
console.log('captured', captured.status, captured.amountCaptured);

const walkout = await vinr.terminalPayments.create({ terminalId, amount: 900, currency: 'EUR', reference: `out_${run}`, simulateCard: 'none' });
const cancelled = await vinr.terminalPayments.cancel(walkout.id);
console.log('cancelled', cancelled.id === walkout.id);

const payments = await vinr.terminalPayments.list({ terminalId, limit: 10 });
console.log('listed', payments.data.length > 0, payments.hasMore);
