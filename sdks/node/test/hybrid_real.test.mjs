// Hybrid mode in a real shop: the terminal of `vinr dev`, its network on bad days, and tills that are killed. However it goes, the
// customer is charged once.

import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';

import * as sdk from '@vinr/sdk';

import './rig/state.mjs';
import { startDev } from './rig/dev.mjs';
import { freePort } from './rig/scripted_server.mjs';
import { ShopNetwork } from './rig/shop_network.mjs';
import { startTill } from './rig/till.mjs';

let dev;
let network;
let address;
let cloud;
const directories = [];
before(async () => {
  dev = await startDev();
  network = new ShopNetwork(Number(new URL(dev.ready.local).port));
  address = await network.listen();
  cloud = new sdk.Vinr({ secretKey: dev.secretKey, baseUrl: dev.api });
});
after(async () => {
  network?.close();
  await dev?.stop();
  directories.forEach((one) => rmSync(one, { recursive: true, force: true }));
});

function settings(more = {}) {
  const stateDir = mkdtempSync(join(tmpdir(), 'vinr-till-'));
  directories.push(stateDir);
  const { clientP12: p12, clientP12Passphrase: passphrase, caBundle } = dev.ready;
  return { secretKey: dev.secretKey, baseUrl: dev.api, p12, passphrase, caBundle, staticHosts: [address], stateDir, tell: true, ...more };
}

const order = (reference, more = {}) => ({
  terminalId: dev.terminal, amount: 2500, currency: 'USD', reference, connectivity: { mode: 'hybrid', localTimeoutMs: 2_000 }, ...more,
});
const charges = async (reference) => (await cloud.terminal.payments.list({ reference })).data;
const states = ({ stateDir }) => readdirSync(stateDir).filter((name) => name.endsWith('.json')).map((name) => JSON.parse(readFileSync(join(stateDir, name), 'utf8')).state);

/** The one payment of this reference, once the platform knows that it is over. */
async function once(reference) {
  for (;;) {
    const [payment, ...more] = await charges(reference);
    assert.equal(more.length, 0, `${reference} was charged ${more.length + 1} times`);
    if (payment !== undefined && !['pending', 'processing'].includes(payment.status)) return payment;
  }
}

/** One create by a till of its own. */
async function paidBy(told, asked) {
  const till = startTill(told);
  const said = await till.call('create', asked);
  await till.end();
  return { ...said, told: till.told };
}

const DAYS = {
  good: ['local', undefined, 0],
  down: ['cloud', 'tls', 0],
  deaf: ['cloud', 'terminal', 1],
  cut: ['local', undefined, 2],
};

describe('a shop whose network is', () => {
  for (const [day, [mode, layer, simulateDelay]] of Object.entries(DAYS)) {
    it(`${day}: charges once`, async () => {
      network.day = day;
      const told = settings();
      const { ok, error, told: failures } = await paidBy(told, order(`day_${day}`, { simulateDelay }));
      network.day = 'good';
      assert.equal(error, undefined, JSON.stringify(error));
      const [first] = failures;
      assert.deepEqual([ok.status, first?.layer], ['completed', layer]);
      assert.equal(ok.metadata.connectionMode, mode);
      const payment = await once(`day_${day}`);
      assert.deepEqual([payment.id, payment.status], [ok.id, 'completed']);
      assert.deepEqual(states(told), [mode === 'local' ? 'final_local' : 'final_cloud']);
    });
  }

  it('cut for good after the terminal heard: the platform joins what runs', async () => {
    const shop = new ShopNetwork(Number(new URL(dev.ready.local).port));
    const told = settings({ staticHosts: [await shop.listen()] });
    const till = startTill(told);
    shop.day = 'deaf';
    const paying = till.call('create', order('joined', { simulateDelay: 3 }));
    await shop.heard;
    const { ok } = await paying;
    assert.deepEqual([ok.status, ok.metadata.connectionMode], ['completed', 'cloud']);
    assert.equal((await once('joined')).id, ok.id);
    shop.close();
    await till.end();
  });

  it('good, while the platform is away: the terminal is enough', async () => {
    const told = settings({ baseUrl: `http://127.0.0.1:${await freePort()}` });
    const { ok } = await paidBy(told, order('without_platform'));
    assert.deepEqual([ok.status, ok.metadata.connectionMode], ['completed', 'local']);
    assert.equal((await once('without_platform')).id, ok.id);
  });
});

describe('a till that is killed', () => {
  it('while the customer is asked: the next one ends the same payment', async () => {
    network.day = 'good';
    const told = settings();
    const shop = new ShopNetwork(Number(new URL(dev.ready.local).port));
    told.staticHosts = [await shop.listen()];
    const first = startTill(told);
    void first.call('create', order('killed_local', { simulateDelay: 2 }));
    while (states(told).length === 0) await new Promise(setImmediate);
    await shop.heard;
    await first.kill();
    assert.deepEqual(states(told), ['local']);
    const { ok } = await paidBy(told, order('killed_local', { simulateDelay: 2 }));
    assert.equal(ok.status, 'completed');
    assert.equal((await once('killed_local')).id, ok.id);
    shop.close();
  });

  it('while the platform is asked: the next one asks the platform alone', async () => {
    const told = settings({ staticHosts: [`127.0.0.1:${await freePort()}`] });
    const first = startTill(told);
    void first.call('create', order('killed_cloud', { simulateDelay: 2 }));
    while ((await charges('killed_cloud')).length === 0);
    await first.kill();
    assert.deepEqual(states(told), ['delegated']);
    told.staticHosts = [address];
    const { ok, told: failures } = await paidBy(told, order('killed_cloud', { simulateDelay: 2 }));
    assert.deepEqual([ok.status, ok.metadata.connectionMode, failures.length], ['completed', 'cloud', 0]);
    assert.equal((await once('killed_cloud')).id, ok.id);
  });

  it('is told later what became of its payment, and charges nothing by asking', async () => {
    const told = settings();
    const clientToken = '01890a5d-ac96-774b-bcce-b302099a8057';
    const first = startTill(told);
    const paying = first.call('create', order('resolved', { clientToken, simulateCard: 'card_declined' }));
    await paying;
    await first.kill();
    const second = startTill(told);
    const { ok } = await second.call('resolve', { clientToken });
    assert.deepEqual([ok.status, ok.declineCode], ['failed', 'card_declined']);
    const unknown = await second.call('resolve', { clientToken: '01890a5d-ac96-774b-bcce-b302099a8058' });
    assert.deepEqual([unknown.error.code, unknown.error.outcomeUnknown], ['payment_not_found', false]);
    assert.equal((await second.call('retrieveByReference', { reference: 'resolved' })).ok.id, ok.id);
    await second.end();
    assert.equal((await charges('resolved')).length, 1);
  });
});
