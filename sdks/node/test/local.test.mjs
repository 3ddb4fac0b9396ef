// Terminals on the local network: who they are is proven before anything is said to them, and a charge is made once. The terminals
// here are played, with certificates that openssl makes.

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { inspect } from 'node:util';

import * as sdk from '@vinr/sdk';

import './rig/state.mjs';
import { Authority } from './rig/authority.mjs';
import { ID, listener, terminal as played } from './rig/played_terminal.mjs';
import { ScriptedServer, freePort } from './rig/scripted_server.mjs';

const PASSPHRASE = 'canary-passphrase';
const ORDER = { readerId: ID, amount: 2500, currency: 'USD', reference: 'order_1' };

let authority;
let own;
let bundle;
before(() => {
  authority = new Authority();
  own = authority.leaf('terminal', `URI:vinr:terminal/${ID},IP:127.0.0.1`);
  authority.leaf('till', `URI:vinr:client/${ID}/cert_1`, 'clientAuth');
  bundle = authority.bundle('till', PASSPHRASE);
});
after(() => authority.remove());

const shown = (status = 'completed', more = {}) => ({
  id: 'tpay_1', object: 'terminal_payment', status, terminalId: ID, reference: 'order_1', createdAt: '2026-06-11T09:00:00Z', metadata: { connectionMode: 'local' }, ...more,
});

const terminal = (play, more = {}) => played(play, { certificate: own, ...more });

function till(terminalOptions = {}, more = {}) {
  const pause = async () => {};
  const local = { localCertPath: bundle, localCertPassphrase: PASSPHRASE, localCaPath: authority.rootPath, ...terminalOptions };
  return new sdk.Vinr({ secretKey: 'sk_test_till', baseUrl: 'http://127.0.0.1:9', terminal: local, [Symbol.for('vinr.pause')]: pause, ...more });
}

const discover = (vinr, ...staticHosts) => vinr.terminal.readers.discover({ network: 'local', staticHosts });
const failure = (promise) => promise.then((value) => assert.fail(`it did not fail: ${JSON.stringify(value)}`), (thrown) => thrown);

describe('a terminal that is found', () => {
  it('is charged with the till’s certificate and without the secret key', async () => {
    const found = await terminal((request, json) => json(200, shown()));
    const vinr = till();
    const readers = await discover(vinr, found.host, `127.0.0.1:${await freePort()}`);
    assert.deepEqual(readers, [{ id: ID, ip: '127.0.0.1', port: found.port, model: 'nexgo_ct20', status: 'online' }]);
    const payment = await vinr.terminal.payments.createLocal({ ...ORDER, simulateCard: 'visa_approved' });
    assert.deepEqual([payment.status, payment.metadata.connectionMode], ['completed', 'local']);
    const [request] = found.requests;
    assert.equal(request.url, '/v1/pay?simulateCard=visa_approved');
    assert.equal(request.client, `URI:vinr:client/${ID}/cert_1`);
    assert.equal(request.headers.authorization, undefined);
    assert.ok(!JSON.stringify(request).includes('sk_test'));
    const { clientToken, ...body } = request.body;
    assert.deepEqual(body, { terminalId: ID, amount: 2500, currency: 'USD', reference: 'order_1' });
    assert.match(clientToken, /^[0-9a-f-]{14}7/);
    await found.close();
  });

  it('is known by the root that the platform tells, when there is no file', async () => {
    const found = await terminal((request, json) => json(200, shown()));
    const platform = new ScriptedServer([{ respond: { headers: { 'content-type': 'application/x-pem-file' }, text: authority.root } }]);
    const vinr = till({ localCaPath: undefined }, { baseUrl: `http://127.0.0.1:${await platform.listen()}` });
    assert.equal((await discover(vinr, found.host)).length, 1);
    assert.equal((await discover(vinr, found.host)).length, 1);
    assert.deepEqual(platform.requests.map((one) => one.path), ['/v1/ca-bundle']);
    await Promise.all([found.close(), platform.close()]);
  });

  it('refuses a till that it does not know, and says why', async () => {
    const error = { type: 'permission_error', code: 'certificate_required', message: 'No.', retry: 'never', money_may_have_moved: false };
    const found = await terminal((request, json) => json(request.client ? 200 : 403, request.client ? shown() : { error }));
    const vinr = till({ localCertPath: undefined });
    await discover(vinr, found.host);
    const thrown = await failure(vinr.terminal.payments.createLocal(ORDER));
    assert.ok(thrown instanceof sdk.PermissionDeniedError);
    assert.deepEqual([thrown.code, thrown.outcomeUnknown], ['certificate_required', false]);
    await found.close();
  });
});

describe('a charge whose answer is lost', () => {
  it('is looked up in the terminal’s journal', async () => {
    let token;
    const found = await terminal((request, json, socket) => {
      if (request.method === 'GET') return json(200, { object: 'list', data: [shown('completed', { clientToken: token })], has_more: false });
      token = request.body.clientToken;
      return socket.destroy();
    });
    const vinr = till();
    await discover(vinr, found.host);
    assert.equal((await vinr.terminal.payments.createLocal(ORDER)).status, 'completed');
    assert.deepEqual(found.requests.map((one) => one.method), ['POST', 'GET']);
    await found.close();
  });

  it('is not sent again after a time-out, and is found by its reference', async () => {
    const found = await terminal((request, json) => {
      if (request.method === 'GET') json(200, { object: 'list', data: [shown('pending', { clientToken: found.requests[0].body.clientToken })], has_more: false });
    });
    const vinr = till();
    await discover(vinr, found.host);
    const thrown = await failure(vinr.terminal.payments.createLocal(ORDER, { timeoutMs: 200 }));
    assert.ok(thrown instanceof sdk.LocalConnectionError, inspect(thrown));
    assert.deepEqual([thrown.type, thrown.layer], ['timeout_error', 'terminal']);
    assert.deepEqual([thrown.outcomeUnknown, thrown.moneyMayHaveMoved, thrown.payment.status], [true, true, 'pending']);
    assert.equal((await vinr.terminal.payments.retrieveByReference('order_1')).status, 'pending');
    assert.deepEqual(found.requests.map((one) => one.method), ['POST', 'GET', 'GET']);
    await found.close();
  });

  it('is the same request when the terminal had not heard it', async () => {
    const found = await terminal((request, json, socket, count) => {
      if (request.method === 'GET') return json(200, { object: 'list', data: [], has_more: false });
      return count === 1 ? socket.destroy() : json(200, shown());
    });
    const vinr = till();
    await discover(vinr, found.host);
    await vinr.terminal.payments.createLocal(ORDER);
    const [first, , second] = found.requests;
    assert.deepEqual(second.body, first.body);
    assert.equal(second.headers['idempotency-key'], first.headers['idempotency-key']);
    await found.close();
  });
});

describe('somebody else at the address', () => {
  const someone = {
    'another terminal of the same platform': ['tls_wrong_terminal', 'certificate', () => authority.leaf('other', 'URI:vinr:terminal/term_other,IP:127.0.0.1')],
    'a certificate that names two terminals': ['tls_wrong_terminal', 'certificate', () => authority.leaf('two', `URI:vinr:terminal/${ID},URI:vinr:terminal/term_other`)],
    'a certificate that names none': ['tls_wrong_terminal', 'certificate', () => authority.leaf('none', 'IP:127.0.0.1,DNS:localhost')],
    'a name that only looks like it': ['tls_wrong_terminal', 'certificate', () => authority.leaf('like', `DNS:x,URI:vinr:terminal/${ID}0`)],
    'a till’s certificate': ['tls_untrusted', 'certificate', () => authority.leaf('till2', `URI:vinr:terminal/${ID}`, 'clientAuth')],
    'a certificate that has ended': ['tls_untrusted', 'clock', () => authority.ended('old', `URI:vinr:terminal/${ID},IP:127.0.0.1`)],
    'another platform': ['tls_untrusted', 'certificate', () => {
      const other = new Authority();
      const leaf = other.leaf('terminal', `URI:vinr:terminal/${ID},IP:127.0.0.1`);
      other.remove();
      return leaf;
    }],
  };
  for (const [who, [code, layer, certificate]] of Object.entries(someone)) {
    it(`hears nothing: ${who}`, async () => {
      const found = await terminal((request, json) => json(200, shown()));
      const vinr = till();
      await discover(vinr, found.host);
      await found.close();
      const rogue = await listener(certificate(), found.port);
      const thrown = await failure(vinr.terminal.payments.createLocal(ORDER, { timeoutMs: 2_000, maxRetries: 0 }));
      assert.ok(thrown instanceof sdk.LocalConnectionError, inspect(thrown));
      assert.deepEqual([thrown.code, thrown.layer, thrown.outcomeUnknown, thrown.moneyMayHaveMoved], [code, layer, false, false]);
      assert.ok(thrown.message.includes(layer), thrown.message);
      assert.equal(Buffer.concat(rogue.heard).length, 0);
      rogue.close();
    });
  }

  it('is not taken for a reader, whatever it says', async () => {
    const liar = await terminal(() => {}, { certificate: authority.leaf('liar', 'URI:vinr:terminal/term_other,IP:127.0.0.1') });
    assert.equal((await failure(discover(till(), liar.host))).code, 'tls_wrong_terminal');
    await liar.close();
    const elsewhere = new Authority();
    const stranger = await listener(elsewhere.leaf('x', `URI:vinr:terminal/${ID}`));
    elsewhere.remove();
    assert.equal((await failure(discover(till(), stranger.host))).code, 'tls_untrusted');
    assert.equal(Buffer.concat(stranger.heard).length, 0);
    stranger.close();
  });

  it('who speaks no TLS is said so', async () => {
    const plain = new ScriptedServer([]);
    const port = await plain.listen();
    assert.equal((await failure(discover(till(), `127.0.0.1:${port}`))).code, 'tls_failed');
    await plain.close();
  });
});

describe('what a till is set up with', () => {
  const wrong = {
    local_cert_passphrase: { localCertPassphrase: 'another' },
    local_file_unreadable: { localCertPath: '/nowhere/client.p12' },
    local_cert_unreadable: { localCertPath: '/dev/null' },
    local_ca_unreadable: { localCaPath: '/dev/null' },
  };
  for (const [code, options] of Object.entries(wrong)) {
    it(`is named when it is wrong: ${code}`, async () => {
      const thrown = await failure(discover(till(options), '127.0.0.1:9'));
      assert.ok(thrown instanceof sdk.ConfigurationError);
      assert.equal(thrown.code, code);
      assert.ok(!`${inspect(thrown)}${JSON.stringify(thrown)}`.includes('canary'));
    });
  }
  it('is in no print', () => assert.ok(!inspect(till(), { depth: 20, showHidden: true }).includes('canary')));
  it('does not matter for a reader that nobody has found', async () => {
    const thrown = await failure(till({ staticHosts: [] }).terminal.payments.createLocal(ORDER));
    assert.deepEqual([thrown.code, thrown.param, thrown.layer, thrown.outcomeUnknown], ['reader_unknown', 'readerId', 'name', false]);
  });
});
