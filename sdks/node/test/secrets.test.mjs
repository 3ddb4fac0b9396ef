// No key in anything that is printed, logged or thrown, and none that is sent where it should not be.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { inspect, format } from 'node:util';

import * as sdk from '@vinr/sdk';

import { ScriptedServer, freePort } from './rig/scripted_server.mjs';

const SECRET = 'canary0123456789';
const KEY = `sk_test_${SECRET}`;

/** Everything that a log could make of it. */
const printed = (value) => [
  inspect(value, { depth: 20, showHidden: true, getters: true }), JSON.stringify(value) ?? '', String(value), format('%o %s %j', value, value, value),
  value instanceof Error ? `${value.stack}${inspect(value.cause, { depth: 20, showHidden: true })}` : '',
].join('\n');

describe('a key', () => {
  it('is in no print of the client or of what hangs on it', () => {
    const vinr = new sdk.Vinr({ secretKey: KEY });
    for (const one of [vinr, { inside: vinr }, vinr.terminals, vinr.terminal, vinr.terminal.payments, vinr.terminalPayments]) {
      assert.ok(!printed(one).includes(SECRET), printed(one));
    }
    assert.match(inspect(vinr), /sk_test_…/);
  });

  it('is in no error, whatever fails', async () => {
    const pause = async () => {};
    const hidden = [Symbol.for('vinr.pause')];
    const script = [{ respond: { status: 401, body: { error: { type: 'authentication_error', code: 'api_key_invalid', message: 'No.' } } } },
      { respond: { fault: 'reset' } }, { respond: { fault: 'hang' } }, { respond: { text: '<html>' } }];
    const server = new ScriptedServer(script);
    const baseUrl = `http://127.0.0.1:${await server.listen()}`;
    const vinr = new sdk.Vinr({ secretKey: KEY, baseUrl, maxRetries: 0, timeoutMs: 150, [hidden[0]]: pause });
    const nobody = new sdk.Vinr({ secretKey: KEY, baseUrl: `http://127.0.0.1:${await freePort()}`, maxRetries: 0 });
    const leaky = new sdk.Vinr({ secretKey: KEY, maxRetries: 0, fetch: async (_, init) => {
      throw Object.assign(new TypeError(`cannot send ${init.headers.authorization}`), { init });
    } });
    for (const make of [...script.map(() => () => vinr.terminals.retrieve('term_1')), () => nobody.terminals.list(), () => leaky.terminals.list()]) {
      const error = await make().then(() => assert.fail('it did not fail'), (thrown) => thrown);
      assert.ok(error instanceof sdk.VinrError, String(error));
      assert.ok(!printed(error).includes(SECRET), printed(error));
    }
    await server.close();
  });

  it('that is none is refused without being said', () => {
    for (const secretKey of [undefined, null, '', 'canary', `${KEY}\n`, ` ${KEY}`, `Bearer ${KEY}`, `pk_live_${SECRET}`, 7, {}]) {
      assert.throws(() => new sdk.Vinr({ secretKey }), (error) => {
        assert.ok(error instanceof sdk.ConfigurationError);
        assert.equal(error.param, 'secretKey');
        return !printed(error).includes('canary');
      });
    }
  });

  it('of live data does not go over an open wire', () => {
    const live = 'sk_live_abcdef';
    assert.throws(() => new sdk.Vinr({ secretKey: live, baseUrl: 'http://api.example' }), sdk.ConfigurationError);
    assert.throws(() => new sdk.Vinr({ secretKey: KEY, baseUrl: 'ftp://api.example' }), sdk.ConfigurationError);
    assert.throws(() => new sdk.Vinr({ secretKey: KEY, baseUrl: 'https://user:pass@api.example' }), sdk.ConfigurationError);
    for (const baseUrl of ['http://127.0.0.1:8420', 'http://localhost:8420/', 'http://[::1]:8420', 'https://api.example']) new sdk.Vinr({ secretKey: live, baseUrl });
    new sdk.Vinr({ secretKey: KEY, baseUrl: 'http://vinr:8420' });
  });

  it('does not follow a redirect', async () => {
    const elsewhere = new ScriptedServer([{ respond: { body: {} } }]);
    const port = await elsewhere.listen();
    const server = new ScriptedServer([{ respond: { status: 307, headers: { location: `http://127.0.0.1:${port}/` }, text: '' } }]);
    const vinr = new sdk.Vinr({ secretKey: KEY, baseUrl: `http://127.0.0.1:${await server.listen()}` });
    await assert.rejects(vinr.terminals.retrieve('term_1'), (error) => error.statusCode === 307);
    assert.equal(elsewhere.requests.length, 0);
    await Promise.all([server.close(), elsewhere.close()]);
  });
});

describe('options', () => {
  it('that cannot be are refused', async () => {
    for (const wrong of [{ timeoutMs: 0 }, { timeoutMs: -1 }, { timeoutMs: Number.NaN }, { maxRetries: -1 }, { maxRetries: 1.5 }, { baseUrl: 'nowhere' }]) {
      assert.throws(() => new sdk.Vinr({ secretKey: KEY, ...wrong }), (error) => error instanceof sdk.ConfigurationError && error.param === Object.keys(wrong)[0]);
    }
    await assert.rejects(new sdk.Vinr({ secretKey: KEY }).terminals.list({}, { timeoutMs: 0 }), sdk.ConfigurationError);
  });
});
