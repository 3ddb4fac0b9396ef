// A real terminal on the local network: the simulator of `vinr dev`, with the certificates that the platform issued.

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';

import * as sdk from '@vinr/sdk';

import './rig/state.mjs';
import { startDev } from './rig/dev.mjs';

let dev;
let vinr;
before(async () => {
  dev = await startDev();
  const { local, clientP12, clientP12Passphrase } = dev.ready;
  vinr = new sdk.Vinr({ secretKey: dev.secretKey, baseUrl: dev.api, terminal: { localCertPath: clientP12, localCertPassphrase: clientP12Passphrase } });
  const readers = await vinr.terminal.readers.discover({ network: 'local', staticHosts: [new URL(local).host] });
  assert.deepEqual(readers.map(({ id, ip, model, status }) => ({ id, ip, model, status })), [{ id: dev.terminal, ip: '127.0.0.1', model: 'simulator', status: 'online' }]);
});
after(() => dev?.stop());

const order = (reference, more = {}) => ({ readerId: dev.terminal, amount: 2500, currency: 'USD', reference, ...more });

describe('a real terminal', () => {
  it('takes a payment, and the platform knows it', async () => {
    const payment = await vinr.terminal.payments.createLocal(order('local_1'));
    assert.deepEqual([payment.status, payment.last4, payment.metadata.connectionMode], ['completed', '4242', 'local']);
    assert.equal((await vinr.terminal.payments.retrieve(payment.id)).status, 'completed');
  });
  it('tells why a card was declined', async () => {
    const { status, declineCode } = await vinr.terminal.payments.createLocal(order('local_2', { simulateCard: 'card_declined' }));
    assert.deepEqual([status, declineCode], ['failed', 'card_declined']);
  });
  it('has what a till gave up waiting for', async () => {
    const thrown = await vinr.terminal.payments.createLocal(order('local_3', { simulateDelay: 2 }), { timeoutMs: 500 }).catch((error) => error);
    assert.deepEqual([thrown.code, thrown.outcomeUnknown, thrown.payment?.status], ['timeout', true, 'pending']);
    const again = await vinr.terminal.payments.createLocal(order('local_3', { clientToken: thrown.clientToken }));
    assert.deepEqual([again.id, again.status], [thrown.payment.id, 'completed']);
    assert.equal((await vinr.terminal.payments.retrieveByReference('local_3')).id, again.id);
  });
  it('refuses a till without a certificate', async () => {
    const stranger = new sdk.Vinr({ secretKey: dev.secretKey, baseUrl: dev.api });
    await stranger.terminal.readers.discover({ network: 'local', staticHosts: [new URL(dev.ready.local).host] });
    const thrown = await stranger.terminal.payments.createLocal(order('local_4')).catch((error) => error);
    assert.deepEqual([thrown.name, thrown.code], ['PermissionDeniedError', 'certificate_required']);
  });
});
