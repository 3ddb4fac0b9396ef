// The shared decisions of hybrid mode, and which name an order gets.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { decide } from '../dist/esm/hybrid/decide.js';
import { identityOf } from '../dist/esm/hybrid/delegations.js';
import { shared } from './rig/calls.mjs';

const { cases, identity } = shared('vectors', 'hybrid.json');

describe('hybrid mode decides', () => {
  for (const { name, state, event, ...want } of cases) it(name, () => assert.deepEqual(decide(state, event), want));
  it('what cannot happen is an error of the SDK, not a charge', () => {
    assert.throws(() => decide({ phase: 'done' }, { type: 'head' }));
    assert.throws(() => decide({ phase: 'cloud' }, { type: 'local_payment', status: 'completed' }));
  });
});

describe('hybrid mode names', () => {
  for (const { name, records, order, want } of identity) {
    it(name, () => {
      const { clientToken, ...rest } = order;
      const choose = () => identityOf(rest, clientToken, records);
      if (want.error !== undefined) return void assert.throws(choose, (thrown) => thrown.name === 'ConfigurationError' && thrown.code === want.error);
      const got = choose();
      assert.equal(got.intent ?? 'new', want.intent);
      assert.equal(got.record?.state, want.record);
    });
  }
});
