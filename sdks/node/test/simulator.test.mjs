// The local simulator: there when a call needs it, gone with the client or its process, and understandable where there is none.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, before, describe, it } from 'node:test';

import * as sdk from '@vinr/sdk';

import './rig/state.mjs';
import { REPOSITORY } from './rig/calls.mjs';
import { BINARY } from './rig/dev.mjs';

delete process.env.VINR_BASE_URL;
const simulated = (terminal = {}, more = {}) => new sdk.Vinr({ secretKey: 'sk_test_...', ...more, terminal: { localSimulator: true, simulatorPath: BINARY, ...terminal } });
const order = (reference, more = {}) => ({ readerId: 'term_local_simulator', amount: 1000, currency: 'USD', reference, ...more });
const failure = (promise) => promise.then((value) => assert.fail(`it did not fail: ${JSON.stringify(value)}`), (thrown) => thrown);

/** Whether a process is there. */
function alive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

describe('the simulator', () => {
  let vinr;
  before(() => (vinr = simulated()));
  after(() => vinr.close());

  it('is found as the guide says', async () => {
    const [[reader, ...more], again] = await Promise.all([1, 2].map(() => vinr.terminal.readers.discover({ network: 'local' })));
    const { port, ...rest } = reader;
    assert.deepEqual([rest, more, again[0].port], [{ id: 'term_local_simulator', ip: '127.0.0.1', model: 'simulator', status: 'online' }, [], port]);
  });
  it('takes a payment without being found first, and its platform knows it', async () => {
    const payment = await vinr.terminal.payments.createLocal(order('local_test_001'));
    assert.deepEqual([payment.status, payment.last4, payment.brand, payment.metadata.connectionMode], ['completed', '4242', 'visa', 'local']);
    assert.equal((await vinr.terminal.payments.retrieve(payment.id)).status, 'completed');
    assert.equal((await vinr.terminal.payments.retrieveByReference('local_test_001')).id, payment.id);
  });
  const CARDS = {
    visa_approved: undefined, mastercard_approved: undefined, amex_approved: undefined, card_declined: 'card_declined', insufficient_funds: 'insufficient_funds',
    expired_card: 'expired_card', lost_or_stolen: 'lost_or_stolen', online_pin: undefined, incorrect_pin: 'incorrect_pin',
    '4242 4242 4242 4242': undefined, '4000 0000 0000 0002': 'card_declined', '4000 0000 0000 9995': 'insufficient_funds', '4000 0000 0000 0069': 'expired_card',
    '4100 0000 0000 0019': 'lost_or_stolen', '5555 5555 5555 4444': undefined, '3782 822463 10005': undefined,
  };
  for (const [simulateCard, declineCode] of Object.entries(CARDS)) {
    it(`takes the card ${simulateCard}`, async () => {
      const payment = await vinr.terminal.payments.createLocal(order(`card_${simulateCard}`, { simulateCard }));
      assert.deepEqual([payment.status, payment.declineCode], [declineCode === undefined ? 'completed' : 'failed', declineCode]);
    });
  }
  it('is a terminal for hybrid mode, for the platform and for a customer who is slow', async () => {
    const asked = { terminalId: 'term_local_simulator', amount: 500, currency: 'USD' };
    const hybrid = await vinr.terminal.payments.create({ ...asked, reference: 'h', connectivity: { mode: 'hybrid', localTimeoutMs: 2_000 } });
    const cloud = await vinr.terminal.payments.createSync({ ...asked, reference: 'c' });
    const local = await vinr.terminal.payments.create({ ...asked, reference: 'l', simulateDelay: 1, connectivity: { mode: 'local' } });
    assert.deepEqual([hybrid, cloud, local].map((one) => [one.status, one.metadata.connectionMode]), [['completed', 'local'], ['completed', undefined], ['completed', 'local']]);
  });
});

describe('the simulator without internet', () => {
  let vinr;
  before(() => (vinr = simulated({ localSimulator: undefined, simulateOffline: true })));
  after(() => vinr.close());
  it('approves offline, and says so', async () => {
    const payment = await vinr.terminal.payments.createLocal(order('offline_1'));
    assert.deepEqual([payment.status, payment.offline, payment.authCode], ['processing', true, undefined]);
    const thrown = await failure(vinr.terminal.payments.retrieve(payment.id));
    assert.deepEqual([thrown.name, thrown.code], ['InvalidRequestError', 'not_found']);
    assert.equal((await vinr.terminal.payments.retrieveByReference('offline_1')).id, payment.id);
  });
  it('is not asked to the platform in hybrid mode once it has approved', async () => {
    const asked = { terminalId: 'term_local_simulator', amount: 1000, currency: 'USD', reference: 'offline_2', connectivity: { mode: 'hybrid' } };
    const payment = await vinr.terminal.payments.create(asked);
    assert.deepEqual([payment.status, payment.offline, payment.metadata.connectionMode], ['processing', true, 'local']);
    assert.equal((await vinr.terminal.payments.resolve(payment.clientToken)).id, payment.id);
    assert.equal((await vinr.terminal.payments.create({ ...asked, clientToken: payment.clientToken })).id, payment.id);
  });
});

describe('the simulator’s process', () => {
  /** A program that starts a simulator, says its process, and stays. */
  async function program(after = 'setInterval(() => {}, 1000);') {
    const code = `
      import { Vinr } from '@vinr/sdk';
      const vinr = new Vinr({ secretKey: 'sk_test_x', terminal: { localSimulator: true } });
      await vinr.terminal.readers.discover({ network: 'local' });
      const { readFileSync } = await import('node:fs');
      console.log(readFileSync(\`/proc/self/task/\${process.pid}/children\`, 'utf8').trim());
      ${after}`;
    const env = { PATH: process.env.PATH, HOME: process.env.HOME, VINR_SIMULATOR: BINARY };
    const child = spawn(process.execPath, ['--input-type=module', '-e', code], { cwd: join(REPOSITORY, 'sdks', 'node'), env, stdio: ['ignore', 'pipe', 'inherit'] });
    const exited = new Promise((resolve) => child.once('exit', (status, signal) => resolve(status ?? signal)));
    const [pid] = await new Promise((resolve) => createInterface({ input: child.stdout }).once('line', (line) => resolve(line.split(' ').map(Number))));
    assert.ok(alive(pid), `the simulator is ${pid}`);
    return { child, exited, pid };
  }
  const gone = async (pid) => {
    while (alive(pid)) await new Promise(setImmediate);
  };

  it('is gone when the program is killed', { timeout: 30_000, skip: process.platform !== 'linux' }, async () => {
    const { child, exited, pid } = await program();
    child.kill('SIGKILL');
    assert.equal(await exited, 'SIGKILL');
    await gone(pid);
  });
  it('keeps no program from ending', { timeout: 30_000, skip: process.platform !== 'linux' }, async () => {
    const { exited, pid } = await program('');
    assert.equal(await exited, 0);
    await gone(pid);
  });
  it('ends with the client, which says so afterwards', { timeout: 30_000 }, async () => {
    const vinr = simulated();
    await vinr.terminal.readers.discover({ network: 'local' });
    await vinr.close();
    await vinr.close();
    assert.equal((await failure(vinr.terminal.readers.discover({ network: 'local' }))).code, 'client_closed');
  });
});

describe('where there is no simulator', () => {
  let directory;
  before(() => (directory = mkdtempSync(join(tmpdir(), 'vinr-none-'))));
  after(() => rmSync(directory, { recursive: true, force: true }));
  const said = (thrown) => [thrown.name, thrown.code, thrown.param];
  const wanted = ['ConfigurationError', 'simulator_not_available', 'terminal.simulatorPath'];

  it('the option that names none is named', async () => {
    const thrown = await failure(simulated({ simulatorPath: '/nowhere/vinr' }).terminal.readers.discover({ network: 'local' }));
    assert.deepEqual(said(thrown), wanted);
    assert.match(thrown.message, /terminal\.simulatorPath/);
  });
  it('a program that is another says what it said', async () => {
    const path = join(directory, 'other');
    writeFileSync(path, '#!/bin/sh\necho "no such thing" >&2\nexit 3\n');
    chmodSync(path, 0o755);
    const thrown = await failure(simulated({ simulatorPath: path }).terminal.payments.createLocal(order('x')));
    assert.deepEqual(said(thrown), wanted);
    assert.match(thrown.message, /ended with 3.*no such thing/);
  });
  it('the platform and the cure are named', () => {
    const installed = join(directory, 'node_modules', '@vinr', 'sdk');
    mkdirSync(installed, { recursive: true });
    for (const [at, from] of [['dist', 'dist'], ['package.json', 'package.json'], ['node_modules', 'node_modules']]) {
      symlinkSync(join(REPOSITORY, 'sdks', 'node', from), join(installed, at));
    }
    const code = `const { Vinr } = require('@vinr/sdk');
      new Vinr({ secretKey: 'sk_test_x', terminal: { localSimulator: true } }).terminal.readers.discover({ network: 'local' }).catch((error) => console.log(error.code, error.message));`;
    const env = { PATH: directory };
    const options = ['--preserve-symlinks', '--input-type=commonjs', '-e', code];
    const child = spawn(process.execPath, options, { cwd: directory, env, stdio: ['ignore', 'pipe', 'inherit'] });
    return new Promise((resolve, reject) => {
      createInterface({ input: child.stdout }).once('line', (line) => {
        try {
          assert.match(line, /^simulator_not_available /);
          assert.ok(line.includes(`@vinr/simulator-${process.platform}-${process.arch}`) && line.includes('VINR_SIMULATOR'), line);
          resolve();
        } catch (error) {
          reject(error);
        }
      });
    });
  });
  it('a live key is refused before anything is started', () => {
    for (const secretKey of ['sk_live_x', 'rk_live_x', 'ok_x']) {
      assert.throws(() => simulated({}, { secretKey }), (thrown) => thrown.code === 'test_mode_only');
    }
    assert.throws(() => simulated({}, { secretKey: undefined }), (thrown) => thrown.code === 'parameter_missing');
  });
});
