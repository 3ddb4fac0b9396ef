// The shared scenarios, against the real platform.

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import { setTimeout as later } from 'node:timers/promises';

import * as sdk from '@vinr/sdk';

import { shared } from './rig/calls.mjs';
import { startDev } from './rig/dev.mjs';
import { mismatch } from './rig/matching.mjs';
import { invoke, operationNamed } from './rig/operations.mjs';

let dev;
before(async () => {
  dev = await startDev('--acquirer-answer-ms', '2000');
});
after(() => dev?.stop());

const read = (memory, path) => path.split('.').reduce((value, part) => value?.[part], memory);

/** The same value with every `${…}` in it read from what is remembered. */
function filled(value, memory) {
  if (typeof value === 'string') {
    const whole = /^\$\{([^}]+)\}$/.exec(value);
    if (whole) return lookedUp(memory, whole[1]);
    return value.replaceAll(/\$\{([^}]+)\}/g, (_, path) => String(lookedUp(memory, path)));
  }
  if (Array.isArray(value)) return value.map((one) => filled(one, memory));
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, filled(inner, memory)]));
}

function lookedUp(memory, path) {
  const found = memory[path] ?? read(memory, path);
  if (found === undefined) throw new Error(`nothing is remembered as ${path}`);
  return found;
}

async function made(vinr, step) {
  const promised = invoke(vinr, operationNamed(step.call), step.args ?? [], step.options);
  return step.take === undefined ? promised : promised.toArray({ limit: step.take });
}

/** Makes the call until it is as it should be. */
async function until(vinr, step) {
  const deadline = Date.now() + (step.withinMs ?? 10_000);
  for (;;) {
    const got = await made(vinr, step);
    const missed = mismatch(got, step.until, step.call);
    if (missed === undefined) return got;
    if (Date.now() > deadline) assert.fail(`not within ${step.withinMs} ms: ${missed}`);
    // The world outside cannot be advanced, only asked.
    await later(100);
  }
}

async function expectError(vinr, step) {
  const { class: name, ...fields } = step.error;
  const error = await made(vinr, step).then((value) => assert.fail(`${step.call} did not fail: ${JSON.stringify(value)}`), (thrown) => thrown);
  assert.ok(error instanceof sdk[name], `${step.call} failed with ${error.stack}`);
  assert.equal(mismatch(error, fields, 'error'), undefined);
}

async function play(vinr, given, memory) {
  if (given.same) {
    const [one, other] = given.same.map((path) => lookedUp(memory, path));
    return assert.deepEqual(one, other, `${given.same} differ`);
  }
  const step = filled(given, memory);
  if (step.error) return expectError(vinr, step);
  const got = step.until ? await until(vinr, step) : await made(vinr, step);
  if (step.save) memory[step.save] = got;
  if (step.count !== undefined) assert.equal(mismatch(got.length, step.count, `how many ${step.call} has`), undefined);
  if (step.expect) assert.equal(mismatch(got, step.expect, step.call), undefined);
  return undefined;
}

describe('scenarios', () => {
  for (const scenario of shared('scenarios.json').scenarios) {
    it(scenario.name, { timeout: 120_000 }, async () => {
      const vinr = new sdk.Vinr({ secretKey: dev.secretKey, baseUrl: dev.api, ...scenario.client });
      const memory = { terminal: dev.terminal, unique: `n_${randomUUID()}`, 'unique.uuid': randomUUID() };
      for (const step of scenario.steps) await play(vinr, step, memory);
    });
  }
});
