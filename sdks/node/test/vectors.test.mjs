// The shared exchange vectors: what is sent, what is sent again, what becomes of answers.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import * as sdk from '@vinr/sdk';

import { shared } from './rig/calls.mjs';
import { operationNamed, invoke } from './rig/operations.mjs';
import { mismatch } from './rig/matching.mjs';
import { ScriptedServer, freePort } from './rig/scripted_server.mjs';

const KEY = 'sk_test_conformance';

/** Makes the call; what came of it. */
async function outcome(vector, vinr) {
  const items = [];
  try {
    const promised = invoke(vinr, operationNamed(vector.call), vector.args, vector.options);
    if (vector.items === undefined) return { result: await promised };
    for await (const item of promised) {
      items.push(item);
      if (items.length === vector.take) break;
    }
    return { items };
  } catch (error) {
    return { items, error };
  }
}

function checkError(error, want) {
  const { class: name, ...fields } = want;
  assert.ok(error, 'it did not fail');
  assert.ok(error instanceof sdk.VinrError, `it failed with ${error.stack}`);
  assert.ok(error instanceof sdk[name], `it failed with ${error.name}: ${error.message}`);
  assert.equal(mismatch(error, fields, 'error'), undefined);
}

function checkRequest(got, want = {}) {
  const { headers = {}, absentHeaders = [], body, query, ...rest } = want;
  assert.equal(mismatch(got, rest, 'request'), undefined);
  assert.equal(mismatch(got.headers, headers, 'headers'), undefined);
  absentHeaders.forEach((name) => assert.equal(got.headers[name], undefined, `${name} was sent`));
  if (query !== undefined) assert.equal(mismatch(got.query, query, 'query', true), undefined);
  if (body !== undefined) assert.equal(mismatch(JSON.parse(got.text), body, 'body', true), undefined);
}

function checkPauses(got, want = []) {
  assert.equal(got.length, want.length, `paused for ${got}`);
  want.forEach(([least, most], at) => assert.ok(got[at] >= least && got[at] <= most, `paused for ${got}, not ${JSON.stringify(want)}`));
}

async function run(vector) {
  const server = new ScriptedServer(vector.server);
  const refused = vector.refused ?? 0;
  const port = refused > 0 ? await freePort() : await server.listen();
  const pauses = [];
  const pause = async (ms) => {
    pauses.push(ms);
    if (pauses.length === refused && vector.server.length > 0) await server.listen(port);
  };
  const vinr = new sdk.Vinr({ secretKey: KEY, baseUrl: `http://127.0.0.1:${port}`, ...vector.client, [Symbol.for('vinr.pause')]: pause });
  try {
    const { result, items, error } = await outcome(vector, vinr);
    if (vector.error) checkError(error, vector.error);
    else if (error) throw error;
    if (vector.result) assert.equal(mismatch(result, vector.result, 'result'), undefined);
    if (vector.items) assert.equal(mismatch(items, vector.items, 'items'), undefined);
    assert.equal(server.requests.length, vector.server.length, `requests: ${server.requests.map((one) => `${one.method} ${one.path}`)}`);
    vector.server.forEach((entry, at) => checkRequest(server.requests[at], entry.request));
    const posts = server.requests.filter((one) => one.method === 'POST');
    for (const name of vector.sameHeaders ?? []) assert.equal(new Set(posts.map((one) => one.headers[name])).size, 1, name);
    if (vector.sameBody) assert.equal(new Set(posts.map((one) => one.text)).size, 1, 'bodies differ');
    checkPauses(pauses, vector.pauses);
  } finally {
    await server.close();
  }
}

for (const file of ['errors', 'requests', 'idempotency', 'retries', 'pagination']) {
  describe(file, { concurrency: 8 }, () => {
    for (const vector of shared('vectors', `${file}.json`).cases) it(vector.name, { timeout: 20_000 }, () => run(vector));
  });
}

describe('webhooks', () => {
  const { bodies, cases } = shared('vectors', 'webhooks.json');
  const { webhooks } = new sdk.Vinr({ secretKey: KEY });
  for (const vector of cases) {
    it(vector.name, () => {
      const open = (body) => webhooks.constructEventAt(body, vector.signature, vector.secret, vector.toleranceSeconds ?? 300, vector.now);
      for (const body of [bodies[vector.body], Buffer.from(bodies[vector.body])]) {
        let error;
        let event;
        try {
          event = open(body);
        } catch (thrown) {
          error = thrown;
        }
        if (vector.error) checkError(error, vector.error);
        else assert.equal(error, undefined);
        if (vector.event) assert.equal(mismatch(event, vector.event, 'event'), undefined);
      }
    });
  }
});
