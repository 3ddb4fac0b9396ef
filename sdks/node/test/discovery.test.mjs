// Terminals that announce themselves: found by multicast on this machine's loopback, and believed only after they have proven who they are.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';

import * as sdk from '@vinr/sdk';
import multicastDns from 'multicast-dns';

import { hintsIn } from '../dist/esm/local/multicast.js';
import './rig/state.mjs';
import { BINARY, startDev } from './rig/dev.mjs';
import { freePort } from './rig/scripted_server.mjs';

const ID = 'term_announced';
const SERVICE = '_vinr-terminal._tcp.local';
let dev;
let terminal;
let port;
before(async () => {
  dev = await startDev('--external', ID);
  const api = new sdk.Vinr({ secretKey: dev.secretKey, baseUrl: dev.api });
  await api.terminals.updateLan(ID, { localApi: { enabled: true }, cashless: { enabled: false } });
  port = await freePort();
  const args = ['terminal', '--data', join(dev.data, 'terminals', ID), '--listen', `127.0.0.1:${port}`, '--announce', 'loopback'];
  terminal = spawn(BINARY, args, { stdio: ['ignore', 'ignore', 'inherit'] });
});
after(async () => {
  if (terminal !== undefined) {
    const gone = new Promise((resolve) => terminal.once('exit', resolve));
    terminal.kill('SIGTERM');
    await gone;
  }
  await dev?.stop();
});

const till = () => new sdk.Vinr({ secretKey: dev.secretKey, baseUrl: dev.api });

/** Looks until the terminal is there; it starts, and so does its announcement. */
async function found(vinr, wanted = ID) {
  for (;;) {
    const readers = await vinr.terminal.readers.discover({ network: 'local', timeoutMs: 700 });
    const reader = readers.find((one) => one.id === wanted);
    if (reader !== undefined) return { reader, readers };
  }
}

describe('terminals that announce themselves', () => {
  it('are found, and have proven who they are', { timeout: 60_000 }, async () => {
    const { reader } = await found(till());
    assert.deepEqual(reader, { id: ID, ip: '127.0.0.1', port, model: 'simulator', status: 'online' });
  });

  it('are left out when they are somebody else', { timeout: 60_000 }, async () => {
    const liar = multicastDns({ interface: '127.0.0.1', bind: '0.0.0.0' });
    const name = `term_liar.${SERVICE}`;
    const said = new Promise((resolve) => {
      liar.on('query', ({ questions }) => {
        if (!questions.some((one) => one.name === SERVICE)) return;
        liar.respond({
          answers: [{ name: SERVICE, type: 'PTR', data: name }],
          additionals: [
            { name, type: 'SRV', data: { target: 'liar.local', port: Number(new URL(dev.api).port) } },
            { name, type: 'TXT', data: ['id=term_liar', 'model=simulator'] },
            { name: 'liar.local', type: 'A', data: '127.0.0.1' },
          ],
        }, resolve);
      });
    });
    const { readers } = await found(till());
    await said;
    liar.destroy();
    assert.deepEqual(readers.map((one) => one.id).filter((id) => id === 'term_liar'), []);
  });

  it('are listed as they say when there is nothing to prove them with', { timeout: 60_000 }, async () => {
    const stranger = new sdk.Vinr({ secretKey: 'sk_test_x', baseUrl: `http://127.0.0.1:${await freePort()}`, maxRetries: 0 });
    const { reader } = await found(stranger);
    assert.deepEqual(reader, { id: ID, ip: '127.0.0.1', port, model: 'simulator', status: 'online', verified: false });
  });

  it('are looked for by the payment itself', { timeout: 60_000 }, async () => {
    await found(till());
    const vinr = till();
    const thrown = await vinr.terminal.payments.createLocal({ readerId: ID, amount: 2500, currency: 'USD' }).catch((error) => error);
    // Without a certificate of its own the till gets that far and no further.
    assert.deepEqual([thrown.code, thrown.layer], ['certificate_required', 'certificate']);
    const nobody = await vinr.terminal.payments.createLocal({ readerId: 'term_nobody', amount: 2500, currency: 'USD' }).catch((error) => error);
    assert.deepEqual([nobody.name, nobody.code, nobody.layer], ['LocalConnectionError', 'reader_unknown', 'name']);
  });
});

describe('an announcement', () => {
  const name = `x.${SERVICE}`;
  const pointer = { name: SERVICE, type: 'PTR', data: name };
  const service = { name, type: 'SRV', data: { target: 'x.local', port: 8443 } };
  const text = { name, type: 'TXT', data: [Buffer.from('id=term_1'), Buffer.from('model=nexgo_ct20'), Buffer.from('modes=local=x')] };
  it('is read from its records, wherever in the packet', () => {
    const address = { name: 'X.local', type: 'A', data: '192.168.1.51' };
    const want = [{ id: 'term_1', model: 'nexgo_ct20', ip: '192.168.1.51', port: 8443 }];
    assert.deepEqual(hintsIn({ answers: [pointer], additionals: [service, text, address] }, '10.0.0.1'), want);
    assert.deepEqual(hintsIn({ answers: [address, text, service, pointer] }, '10.0.0.1'), want);
  });
  it('without an address comes from who sent it', () => assert.equal(hintsIn({ answers: [pointer, service, text] }, '10.0.0.1')[0].ip, '10.0.0.1'));
  it('that is not whole is none', () => {
    assert.deepEqual(hintsIn({ answers: [pointer, service] }, '10.0.0.1'), []);
    assert.deepEqual(hintsIn({ answers: [pointer, text] }, '10.0.0.1'), []);
    assert.deepEqual(hintsIn({ answers: [service, text] }, '10.0.0.1'), []);
    assert.deepEqual(hintsIn({ answers: [pointer, service, { ...text, data: [''] }] }, '10.0.0.1'), []);
    assert.deepEqual(hintsIn({}, '10.0.0.1'), []);
  });
});
