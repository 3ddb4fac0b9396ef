// Every operation of the API document has a call, and every call makes the request that `operations.json` says.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';

import * as sdk from '@vinr/sdk';

import { REPOSITORY, shared } from './rig/calls.mjs';
import { arity, invoke } from './rig/operations.mjs';

const { operations, outside } = shared('operations.json');
const document = JSON.parse(readFileSync(join(REPOSITORY, 'docs', 'openapi.json'), 'utf8'));

/** A client whose requests end up in a list. */
function recorder(requests) {
  const answer = { object: 'list', data: [{ id: 'x_1', object: 'x' }], has_more: false };
  const fetch = async (url, init) => {
    requests.push({ url: new URL(url), ...init });
    return new Response(JSON.stringify(answer), { status: 200, headers: { 'content-type': 'application/json' } });
  };
  return new sdk.Vinr({ secretKey: 'sk_test_conformance', baseUrl: 'https://api.example/base', fetch });
}

describe('the API document', () => {
  it('has no operation that is neither a call nor named as none', () => {
    const known = new Set([...operations.map((one) => one.operationId), ...outside]);
    const all = Object.values(document.paths).flatMap((path) => Object.values(path).map((one) => one.operationId));
    assert.deepEqual(all.filter((one) => !known.has(one)), []);
    assert.deepEqual([...known].filter((one) => !all.includes(one)), []);
  });
  for (const { name, operationId, method, path } of operations) {
    it(`has what ${name} asks for`, () => assert.equal(document.paths[path]?.[method.toLowerCase()]?.operationId, operationId));
  }
});

describe('calls', () => {
  for (const operation of operations.filter((one) => !one.stream)) {
    it(operation.name, async () => {
      const requests = [];
      const vinr = recorder(requests);
      const ids = ['id/1', 'id/2'].slice(0, (operation.path.match(/\{/g) ?? []).length);
      const named = operation.name.endsWith('retrieveByReference') ? ['order'] : ids;
      const args = arity(operation) > named.length ? [...named, {}] : named;
      const result = await invoke(vinr, operation, args, { idempotencyKey: 'a key' });
      assert.equal(requests.length, 1);
      const [request] = requests;
      const places = [...ids];
      assert.equal(request.url.pathname, `/base${operation.path.replaceAll(/\{[^}]+\}/g, () => encodeURIComponent(places.shift()))}`);
      assert.equal(request.method, operation.method);
      assert.equal(request.redirect, 'manual');
      assert.equal(request.headers['vinr-version'], operation.version);
      assert.equal(request.headers.authorization, 'Bearer sk_test_conformance');
      const keyed = operation.kind === 'write' || operation.kind === 'charge';
      assert.equal(request.headers['idempotency-key'], keyed ? 'a key' : undefined);
      assert.equal(request.body !== undefined, keyed);
      if (operation.text) assert.equal(typeof result, 'string');
      if (operation.list) assert.ok(result instanceof sdk.Page);
    });
  }
});
