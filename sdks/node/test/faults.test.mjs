// What Node alone has: agents, dispatchers, a fetch of one's own, signals, streams; each on a bad day too.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { Agent, createServer } from 'node:http';
import { describe, it } from 'node:test';

import * as sdk from '@vinr/sdk';

import { ScriptedServer, freePort } from './rig/scripted_server.mjs';

const ORDER = { terminalId: 'term_1', amount: 2500, currency: 'USD', reference: 'order_1' };
const TERMINAL = { id: 'term_1', object: 'terminal' };

/** A client of a server that plays the script; pauses are kept, not waited for. */
async function against(script, options = {}) {
  const server = new ScriptedServer(script);
  const port = await server.listen();
  const pauses = [];
  const pause = async (ms) => void pauses.push(ms);
  const vinr = new sdk.Vinr({ secretKey: 'sk_test_faults', baseUrl: `http://127.0.0.1:${port}`, ...options, [Symbol.for('vinr.pause')]: pause });
  return { vinr, server, pauses };
}

describe('an agent', () => {
  const script = [{ respond: { fault: 'reset' } }, { respond: { fault: 'cut', body: TERMINAL } }, { respond: { body: TERMINAL } }];
  it('carries requests, and what it loses is sent again', async () => {
    const agent = new Agent({ keepAlive: true });
    const { vinr, server, pauses } = await against(script, { agent });
    const { data, response } = await vinr.terminals.retrieve('term_1').withResponse();
    assert.equal(data.id, 'term_1');
    assert.equal(response.status, 200);
    assert.equal(pauses.length, 2);
    assert.equal(server.requests[0].headers.authorization, 'Bearer sk_test_faults');
    agent.destroy();
    await server.close();
  });
  it('sends bodies, and times out', async () => {
    const agent = new Agent();
    const { vinr, server } = await against([{ respond: { fault: 'hang' } }, { respond: { body: { object: 'list', data: [], has_more: false } } }], { agent });
    const error = await vinr.terminal.payments.createSync(ORDER, { timeoutMs: 150 }).catch((thrown) => thrown);
    assert.ok(error instanceof sdk.ApiTimeoutError, String(error));
    assert.ok(error.outcomeUnknown && error.moneyMayHaveMoved);
    assert.equal(JSON.parse(server.requests[0].text).clientToken, error.clientToken);
    agent.destroy();
    await server.close();
  });
  it('tells a refused connection from a lost one', async () => {
    const port = await freePort();
    const pause = async () => {};
    const vinr = new sdk.Vinr({ secretKey: 'sk_test_faults', baseUrl: `http://127.0.0.1:${port}`, agent: new Agent(), [Symbol.for('vinr.pause')]: pause });
    const error = await vinr.terminal.payments.create(ORDER).catch((thrown) => thrown);
    assert.ok(error instanceof sdk.ApiConnectionError);
    assert.deepEqual([error.code, error.outcomeUnknown, error.moneyMayHaveMoved], ['not_connected', false, false]);
  });
});

describe('fetch', () => {
  it('can be the caller’s, and a dispatcher reaches it', async () => {
    const seen = [];
    const dispatcher = { dispatch() {} };
    const fetch = async (url, init) => {
      seen.push(init);
      return new Response(JSON.stringify(TERMINAL), { status: 200 });
    };
    const vinr = new sdk.Vinr({ secretKey: 'sk_test_faults', fetch, dispatcher });
    assert.equal((await vinr.terminals.retrieve('term_1')).id, 'term_1');
    assert.equal(seen[0].dispatcher, dispatcher);
  });
  it('that throws whatever it likes is a lost connection', async () => {
    const vinr = new sdk.Vinr({ secretKey: 'sk_test_faults', maxRetries: 0, fetch: () => Promise.reject('no') });
    const error = await vinr.refunds.create({ payment: 'tpay_1' }).catch((thrown) => thrown);
    assert.ok(error instanceof sdk.ApiConnectionError);
    assert.deepEqual([error.outcomeUnknown, error.moneyMayHaveMoved], [true, true]);
  });
});

describe('a signal', () => {
  it('that is over sends nothing', async () => {
    const { vinr, server } = await against([]);
    const error = await vinr.terminal.payments.create(ORDER, { signal: AbortSignal.abort() }).catch((thrown) => thrown);
    assert.ok(error instanceof sdk.RequestAbortedError);
    assert.equal(error.outcomeUnknown, false);
    assert.equal(server.requests.length, 0);
    await server.close();
  });
  it('ends a charge, and the error says that it may have been made', async () => {
    const control = new AbortController();
    const server = createServer(() => control.abort());
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const vinr = new sdk.Vinr({ secretKey: 'sk_test_faults', baseUrl: `http://127.0.0.1:${server.address().port}` });
    const error = await vinr.terminal.payments.createSync(ORDER, { signal: control.signal }).catch((thrown) => thrown);
    assert.ok(error instanceof sdk.RequestAbortedError);
    assert.deepEqual([error.outcomeUnknown, error.moneyMayHaveMoved, typeof error.clientToken], [true, true, 'string']);
    server.closeAllConnections();
    server.close();
  });
  it('ends a pause', async () => {
    const control = new AbortController();
    const server = new ScriptedServer([{ respond: { status: 429, headers: { 'retry-after': '50' }, text: '' } }]);
    const port = await server.listen();
    const vinr = new sdk.Vinr({ secretKey: 'sk_test_faults', baseUrl: `http://127.0.0.1:${port}`, fetch: async (...given) => {
      const response = await fetch(...given);
      setImmediate(() => control.abort());
      return response;
    } });
    await assert.rejects(vinr.terminals.retrieve('term_1', { signal: control.signal }), sdk.RequestAbortedError);
    assert.equal(server.requests.length, 1);
    await server.close();
  });
});

describe('a stream', () => {
  const event = (id) => ({ id, object: 'event', type: 'terminal.online', livemode: false, created: 1, sequence: 1, data: { id: 'term_1' } });
  const sent = (...ids) => ids.map((id) => `: still here\n\nid: ${id}\nevent: terminal.online\ndata: ${JSON.stringify(event(id))}\n\n`).join('');
  it('goes on after the last event when its connection is lost', async () => {
    const half = sent('evt_3').slice(0, 40);
    const { vinr, server, pauses } = await against([{ respond: { text: sent('evt_1', 'evt_2') + half } }, { respond: { fault: 'reset' } }, { respond: { text: sent('evt_3') } }]);
    const ids = [];
    for await (const { id } of vinr.events.stream({ enabledEvents: ['terminal.*'] })) {
      ids.push(id);
      if (id === 'evt_3') break;
    }
    assert.deepEqual(ids, ['evt_1', 'evt_2', 'evt_3']);
    assert.deepEqual(server.requests.map((one) => one.query.after), [undefined, 'evt_2', 'evt_2']);
    assert.equal(server.requests[0].query['enabled_events[]'], 'terminal.*');
    assert.equal(pauses.length, 2);
    await server.close();
  });
  it('fails with a refusal', async () => {
    const error = { type: 'authentication_error', code: 'api_key_invalid', message: 'No.', retry: 'never' };
    const { vinr, server } = await against([{ respond: { status: 401, body: { error } } }]);
    await assert.rejects(async () => { for await (const _ of vinr.events.stream()) assert.fail('an event came'); }, sdk.AuthenticationError);
    await server.close();
  });
  it('fails when connections fail in a row', async () => {
    const reset = { respond: { fault: 'reset' } };
    const { vinr, server } = await against([reset, reset, reset]);
    await assert.rejects(async () => { for await (const _ of vinr.events.stream()) assert.fail('an event came'); }, sdk.ApiConnectionError);
    assert.equal(server.requests.length, 3);
    await server.close();
  });
});
