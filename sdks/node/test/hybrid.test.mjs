// Hybrid mode against a played terminal and a played platform: who is asked, under which name, what is written down before, and what
// the caller is told.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createServer as overTcp } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';

import * as sdk from '@vinr/sdk';

import './rig/state.mjs';
import { Authority } from './rig/authority.mjs';
import { ID, listener, terminal as played } from './rig/played_terminal.mjs';
import { freePort } from './rig/scripted_server.mjs';

const PASSPHRASE = 'canary-passphrase';
const REFUSAL = { type: 'invalid_request_error', code: 'parameter_invalid', message: 'No.', param: 'amount', retry: 'never', money_may_have_moved: false };
let authority;
let own;
let bundle;
const ending = [];
before(() => {
  authority = new Authority();
  own = authority.leaf('terminal', `URI:vinr:terminal/${ID},IP:127.0.0.1`);
  authority.leaf('till', `URI:vinr:client/${ID}/cert_1`, 'clientAuth');
  bundle = authority.bundle('till', PASSPHRASE);
});
after(async () => {
  await Promise.all(ending.map((end) => end()));
  authority.remove();
});

const list = (...data) => ({ object: 'list', data, has_more: false });

/** A payment as either side shows it. */
function paid(request, status = 'completed', more = {}) {
  const { clientToken, reference } = request.body ?? {};
  return { id: 'tpay_1', object: 'terminal_payment', status, terminalId: ID, clientToken, reference, createdAt: '2026-06-11T09:00:00Z', metadata: {}, ...more };
}

async function terminal(play) {
  const one = await played(play, { certificate: own });
  ending.push(one.close);
  return one;
}

/** The platform: keeps what it is asked, and answers as the test wants it. */
async function platform(play) {
  const requests = [];
  const server = createServer(async (request, response) => {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const text = Buffer.concat(chunks).toString('utf8');
    const got = { method: request.method, url: request.url, body: text === '' ? undefined : JSON.parse(text) };
    requests.push(got);
    play(got, (code, body) => response.writeHead(code, { 'content-type': 'application/json' }).end(JSON.stringify(body)), request.socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  ending.push(() => new Promise((resolve) => server.close(resolve).closeAllConnections()));
  return { requests, url: `http://127.0.0.1:${server.address().port}` };
}

/** A till with a directory of its own. */
function till({ host, url = 'http://127.0.0.1:9', ...more }) {
  const stateDir = mkdtempSync(join(tmpdir(), 'vinr-hybrid-'));
  ending.push(() => rmSync(stateDir, { recursive: true, force: true }));
  const failures = [];
  const terminal = {
    localCertPath: bundle, localCertPassphrase: PASSPHRASE, localCaPath: authority.rootPath, staticHosts: [host], stateDir, onLocalFailure: (one) => failures.push(one), ...more,
  };
  const pause = async () => {};
  const vinr = new sdk.Vinr({ secretKey: 'sk_test_till', baseUrl: url, terminal, [Symbol.for('vinr.pause')]: pause });
  const names = () => readdirSync(terminal.stateDir).filter((name) => name.endsWith('.json'));
  const records = () => names().map((name) => JSON.parse(readFileSync(join(terminal.stateDir, name), 'utf8')));
  return { vinr, failures, records, names, stateDir };
}

const order = (more = {}) => ({
  terminalId: ID, amount: 2500, currency: 'USD', reference: 'order_1', ...more, connectivity: { mode: 'hybrid', localTimeoutMs: 1_500, ...more.connectivity },
});
const failure = (promise) => promise.then((value) => assert.fail(`it did not fail: ${JSON.stringify(value)}`), (thrown) => thrown);

describe('a terminal that is there', () => {
  it('is charged, and the platform is not asked', async () => {
    const states = [];
    let check;
    const shop = await terminal((request, json) => {
      states.push(...check().map((one) => one.state));
      json(200, paid(request));
    });
    const cloud = await platform(() => {});
    const { vinr, records, names, stateDir } = till({ host: shop.host, url: cloud.url });
    check = records;
    const payment = await vinr.terminal.payments.create(order());
    assert.equal(payment.metadata.connectionMode, 'local');
    assert.deepEqual([states, cloud.requests.length], [['local'], 0]);
    const [record] = records();
    const { createdAt, updatedAt, ...facts } = record;
    assert.deepEqual(facts, { v: 1, intent: shop.requests[0].body.clientToken, terminalId: ID, reference: 'order_1', amount: 2500, currency: 'USD', state: 'final_local' });
    assert.ok(createdAt <= updatedAt);
    assert.deepEqual([statSync(stateDir).mode & 0o777, statSync(join(stateDir, names()[0])).mode & 0o777], [0o700, 0o600]);
  });

  it('may take its time once it has acknowledged', async () => {
    const shop = await terminal((request, json, socket, count, response) => {
      response.writeHead(200, { 'content-type': 'application/json' }).flushHeaders();
      setTimeout(() => response.end(JSON.stringify(paid(request))), 700);
    });
    const { vinr, failures } = till({ host: shop.host });
    const payment = await vinr.terminal.payments.create(order({ connectivity: { localTimeoutMs: 500 } }));
    assert.deepEqual([payment.metadata.connectionMode, failures.length], ['local', 0]);
  });

  it('is asked again when its answer is cut, and the platform is not', async () => {
    const shop = await terminal((request, json, socket, count, response) => {
      if (request.method === 'GET') return json(200, list(paid(shop.requests[0], count < 3 ? 'pending' : 'completed')));
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': 1_000 }).flushHeaders();
      return setTimeout(() => socket.destroy(), 50);
    });
    const cloud = await platform(() => {});
    const { vinr } = till({ host: shop.host, url: cloud.url });
    const payment = await vinr.terminal.payments.create(order());
    assert.equal(payment.metadata.connectionMode, 'local');
    assert.deepEqual(shop.requests.map((one) => one.method), ['POST', 'GET', 'GET']);
    assert.equal(cloud.requests.length, 0);
  });

  it('says what is wrong with the request, and nobody else is asked', async () => {
    const shop = await terminal((request, json) => json(400, { error: REFUSAL }));
    const cloud = await platform(() => {});
    const { vinr, records } = till({ host: shop.host, url: cloud.url });
    const thrown = await failure(vinr.terminal.payments.create(order()));
    assert.deepEqual([thrown.name, thrown.code, thrown.outcomeUnknown], ['InvalidRequestError', 'parameter_invalid', false]);
    assert.deepEqual([records().length, cloud.requests.length], [0, 0]);
  });

  it('answers the other version too', async () => {
    const shop = await terminal((request, json) => json(200, paid(request)));
    const { vinr } = till({ host: shop.host });
    assert.equal((await vinr.terminalPayments.create(order())).metadata.connectionMode, 'local');
    assert.equal(shop.requests[0].headers['vinr-version'], '2025-05-31');
  });
});

/** Ways in which a terminal is not there: the layer, whether it may have heard, and what plays it. */
const AWAY = {
  'nobody listens': ['port', false, async () => `127.0.0.1:${await freePort()}`],
  'no such name': ['name', false, async () => 'nobody.invalid:8443'],
  'what listens speaks no TLS': ['tls', false, async () => {
    const server = overTcp((socket) => socket.on('data', () => socket.end('HTTP/1.1 400 no\r\n\r\n')).on('error', () => {}));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    ending.push(() => server.close());
    return `127.0.0.1:${server.address().port}`;
  }],
  'what listens says nothing': ['tls', false, async () => {
    const held = [];
    const server = overTcp((socket) => held.push(socket.on('error', () => {})));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    ending.push(() => held.forEach((socket) => socket.destroy()), () => server.close());
    return `127.0.0.1:${server.address().port}`;
  }],
  'another platform’s terminal': ['certificate', false, async () => {
    const other = new Authority();
    const rogue = await listener(other.leaf('terminal', `URI:vinr:terminal/${ID},IP:127.0.0.1`));
    other.remove();
    ending.push(rogue.close);
    return rogue.host;
  }],
  'it takes the order and is silent': ['terminal', true, async () => (await terminal(() => {})).host],
  'it takes the order and is cut': ['http', true, async () => (await terminal((request, json, socket) => socket.destroy())).host],
  'it does not know the till': ['certificate', false, async () => {
    const error = { type: 'permission_error', code: 'certificate_revoked', message: 'No.', retry: 'never', money_may_have_moved: false };
    return (await terminal((request, json) => json(403, { error }))).host;
  }],
  'it starts again': ['terminal', false, async () => {
    const error = { type: 'api_error', code: 'unavailable', message: 'Soon.', retry: 'later', money_may_have_moved: false };
    return (await terminal((request, json) => json(503, { error }))).host;
  }],
};

describe('a terminal that is not there', () => {
  for (const [how, [layer, heard, make]] of Object.entries(AWAY)) {
    it(`is reached through the platform under the same name: ${how}`, async () => {
      const states = [];
      let check;
      const cloud = await platform((request, json) => {
        states.push(...check().map((one) => one.state));
        json(200, paid(request));
      });
      const { vinr, failures, records } = till({ host: await make(), url: cloud.url });
      check = records;
      const payment = await vinr.terminal.payments.create(order({ connectivity: { localTimeoutMs: 1_000 } }));
      assert.equal(payment.metadata.connectionMode, 'cloud');
      assert.deepEqual([failures.map((one) => one.layer), states], [[layer], ['delegated']]);
      const [request] = cloud.requests;
      assert.deepEqual([request.method, request.url, request.body.responseMode, request.body.terminalId], ['POST', '/v1/terminal/payments', 'sync', ID]);
      assert.deepEqual(records().map((one) => [one.intent, one.state]), [[request.body.clientToken, 'final_cloud']]);
    });

    it(`and neither is the platform: ${how}`, async () => {
      const { vinr, records } = till({ host: await make(), url: `http://127.0.0.1:${await freePort()}` });
      const thrown = await failure(vinr.terminal.payments.create(order({ connectivity: { localTimeoutMs: 1_000 } })));
      assert.deepEqual([thrown.code, thrown.outcomeUnknown, thrown.localFailure.layer], ['not_connected', heard, layer]);
      assert.deepEqual(records().map((one) => one.state), heard ? ['delegated'] : []);
      assert.equal(typeof thrown.resolve, heard ? 'function' : 'undefined');
      if (heard) assert.equal(thrown.clientToken, records()[0].intent);
    });
  }

  it('is not believed when it answers late', async () => {
    let late;
    const answered = new Promise((resolve) => (late = resolve));
    const shop = await terminal((request, json) => setTimeout(() => late(json(200, paid(request))), 1_200));
    const cloud = await platform((request, json) => void answered.then(() => json(200, paid(request, 'failed', { declineCode: 'card_declined' }))));
    const { vinr, records } = till({ host: shop.host, url: cloud.url });
    const payment = await vinr.terminal.payments.create(order({ connectivity: { localTimeoutMs: 700 } }));
    assert.deepEqual([payment.status, payment.metadata.connectionMode, records()[0].state], ['failed', 'cloud', 'final_cloud']);
    assert.equal(cloud.requests[0].body.clientToken, shop.requests[0].body.clientToken);
  });

  it('is asked no more once it has lost what it acknowledged', async () => {
    const shop = await terminal((request, json, socket, count, response) => {
      if (request.method === 'GET') return json(200, list());
      response.writeHead(200, { 'content-length': 1_000 }).flushHeaders();
      return setTimeout(() => socket.destroy(), 50);
    });
    const cloud = await platform((request, json) => json(200, paid(request)));
    const { vinr, failures } = till({ host: shop.host, url: cloud.url });
    assert.equal((await vinr.terminal.payments.create(order())).metadata.connectionMode, 'cloud');
    assert.deepEqual([failures[0].layer, cloud.requests.length], ['http', 1]);
  });

  it('does not keep a till with a bundle that nobody can read from being paid', async () => {
    const cloud = await platform((request, json) => json(200, paid(request)));
    const { vinr, failures } = till({ host: '127.0.0.1:9', url: cloud.url, localCertPassphrase: 'another' });
    assert.equal((await vinr.terminal.payments.create(order())).metadata.connectionMode, 'cloud');
    assert.deepEqual(failures.map(({ layer, code }) => [layer, code]), [['certificate', 'local_cert_passphrase']]);
    assert.ok(!JSON.stringify(failures).includes('canary'));
  });
});

describe('an outcome that is not known', () => {
  it('is found out later, and charges nothing', async () => {
    let there = false;
    const shop = await terminal((request, json) => {
      if (request.method === 'GET') json(200, there ? list(paid(shop.requests[0])) : list());
    });
    const cloud = await platform((request, json, socket) => (request.method === 'POST' ? socket.destroy() : json(200, list())));
    const { vinr, records } = till({ host: shop.host, url: cloud.url });
    const thrown = await failure(vinr.terminal.payments.create(order({ connectivity: { localTimeoutMs: 700 } })));
    assert.deepEqual([thrown.code, thrown.outcomeUnknown, thrown.moneyMayHaveMoved], ['connection_lost', true, true]);
    there = true;
    const asked = cloud.requests.filter((one) => one.method === 'POST').length;
    const payment = await thrown.resolve();
    assert.deepEqual([payment.status, records()[0].state], ['completed', 'final_local']);
    assert.equal(cloud.requests.filter((one) => one.method === 'POST').length, asked);
    assert.equal(shop.requests.filter((one) => one.method === 'POST').length, 1);
    assert.equal((await vinr.terminal.payments.resolve(thrown.clientToken)).id, payment.id);
    const again = await vinr.terminal.payments.create(order({ clientToken: thrown.clientToken }));
    assert.deepEqual([again.id, shop.requests.filter((one) => one.method === 'POST').length], [payment.id, 1]);
  });

  it('is that it was never charged when neither has it', async () => {
    const shop = await terminal((request, json) => request.method === 'GET' && json(200, list()));
    const cloud = await platform((request, json, socket) => (request.method === 'POST' ? socket.destroy() : json(200, list())));
    const { vinr, records } = till({ host: shop.host, url: cloud.url });
    const thrown = await failure(vinr.terminal.payments.create(order({ connectivity: { localTimeoutMs: 700 } })));
    const found = await failure(thrown.resolve());
    assert.deepEqual([found.name, found.code, found.outcomeUnknown, records().length], ['InvalidRequestError', 'payment_not_found', false, 0]);
  });

  it('stays unknown while one of the two cannot be asked', async () => {
    const cloud = await platform((request, json, socket) => (request.method === 'POST' ? socket.destroy() : json(200, list())));
    const shop = await terminal(() => {});
    const { vinr, records } = till({ host: shop.host, url: cloud.url });
    const thrown = await failure(vinr.terminal.payments.create(order({ connectivity: { localTimeoutMs: 700 } })));
    await shop.close();
    ending.splice(ending.indexOf(shop.close), 1);
    const found = await failure(vinr.terminal.payments.resolve(thrown.clientToken, { timeoutMs: 3_000 }));
    assert.deepEqual([found.code, found.outcomeUnknown, found.clientToken, records()[0].state], ['outcome_unknown', true, thrown.clientToken, 'delegated']);
  });

  it('is taken over by the same order, created again', async () => {
    let up = false;
    const cloud = await platform((request, json, socket) => {
      if (request.method === 'GET') return json(200, list());
      return up ? json(200, paid(request)) : socket.destroy();
    });
    const shop = await terminal(() => {});
    const { vinr } = till({ host: shop.host, url: cloud.url });
    const thrown = await failure(vinr.terminal.payments.create(order({ connectivity: { localTimeoutMs: 700 } })));
    up = true;
    const payment = await vinr.terminal.payments.create(order());
    assert.deepEqual([payment.clientToken, payment.metadata.connectionMode, shop.requests.length], [thrown.clientToken, 'cloud', 1]);
    const next = await vinr.terminal.payments.create(order({ connectivity: { localTimeoutMs: 700 } }));
    assert.notEqual(next.clientToken, thrown.clientToken);
  });
});

describe('what is written down', () => {
  const nobody = '127.0.0.1:9';
  it('has to be writable before anything is sent', async () => {
    const shop = await terminal(() => {});
    const cloud = await platform(() => {});
    const { vinr } = till({ host: shop.host, url: cloud.url, stateDir: '/dev/null/state' });
    const thrown = await failure(vinr.terminal.payments.create(order()));
    assert.deepEqual([thrown.name, thrown.code, thrown.outcomeUnknown], ['ConfigurationError', 'state_unusable', false]);
    assert.deepEqual([shop.requests.length, cloud.requests.length], [0, 0]);
  });
  it('is not taken for nothing when it cannot be read', async () => {
    const { vinr, stateDir } = till({ host: nobody });
    writeFileSync(join(stateDir, '01890a5d-ac96-774b-bcce-b302099a8057.json'), '{"v":1,');
    assert.equal((await failure(vinr.terminal.payments.create(order()))).code, 'state_unusable');
  });
  it('may be kept elsewhere', async () => {
    const kept = new Map();
    const saved = [];
    const delegations = {
      load: async (intent) => kept.get(intent),
      find: async () => [...kept.values()],
      save: async (record) => void (kept.set(record.intent, { ...record }), saved.push(record.state)),
      erase: async (intent) => void kept.delete(intent),
    };
    const cloud = await platform((request, json) => json(200, paid(request)));
    const { vinr, names } = till({ host: `127.0.0.1:${await freePort()}`, url: cloud.url, delegations });
    await vinr.terminal.payments.create(order());
    assert.deepEqual([saved, names()], [['local', 'delegated', 'final_cloud'], []]);
  });
  it('stops the payment when it cannot be kept before the platform is asked', async () => {
    const cloud = await platform((request, json) => json(200, paid(request)));
    const full = async (record) => {
      if (record.state === 'delegated') throw new Error('full');
    };
    const delegations = { load: async () => undefined, find: async () => [], save: full, erase: async () => {} };
    const silent = await terminal(() => {});
    const { vinr } = till({ host: silent.host, url: cloud.url, delegations });
    const thrown = await failure(vinr.terminal.payments.create(order({ connectivity: { localTimeoutMs: 700 } })));
    assert.deepEqual([thrown.code, thrown.outcomeUnknown, cloud.requests.length], ['state_unusable', true, 0]);
  });
  it('is erased a day after its end', async () => {
    const cloud = await platform((request, json) => json(200, paid(request)));
    const { vinr, stateDir, records } = till({ host: `127.0.0.1:${await freePort()}`, url: cloud.url });
    const old = Date.now() - 25 * 3_600_000;
    const record = (intent, state) => ({ v: 1, intent, terminalId: ID, amount: 1, currency: 'USD', state, createdAt: old, updatedAt: old });
    const [ended, open] = ['01890a5d-ac96-774b-bcce-b302099a8057', '01890a5d-ac96-774b-bcce-b302099a8058'];
    writeFileSync(join(stateDir, `${ended}.json`), JSON.stringify(record(ended, 'final_local')));
    writeFileSync(join(stateDir, `${open}.json`), JSON.stringify(record(open, 'delegated')));
    await vinr.terminal.payments.create(order());
    assert.deepEqual(records().map((one) => one.state).sort(), ['delegated', 'final_cloud']);
  });
  it('is only for one terminal, and under a name', async () => {
    const { vinr } = till({ host: nobody });
    const { terminalId: _, ...none } = order();
    assert.equal((await failure(vinr.terminal.payments.create({ ...none, terminalGroup: [ID] }))).code, 'parameter_missing');
    assert.equal((await failure(vinr.terminal.payments.create(order({ clientToken: '../../x' })))).code, 'parameter_invalid');
    assert.equal((await failure(vinr.terminal.payments.create(order({ connectivity: { mode: 'lan' } })))).code, 'parameter_invalid');
  });
});

describe('a caller’s signal', () => {
  it('ends the waiting, and says that the terminal may have heard', async () => {
    const control = new AbortController();
    const shop = await terminal(() => control.abort());
    const { vinr, records } = till({ host: shop.host });
    const thrown = await failure(vinr.terminal.payments.create(order(), { signal: control.signal }));
    assert.deepEqual([thrown.name, thrown.outcomeUnknown, thrown.clientToken], ['RequestAbortedError', true, records()[0].intent]);
  });
});
