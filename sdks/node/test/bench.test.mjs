// The benchmark of the SDK's own cost runs; what it measures is for people to judge.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { it } from 'node:test';

import { REPOSITORY } from './rig/calls.mjs';

it('the benchmark tells times and ratios', () => {
  const told = execFileSync(process.execPath, [join(REPOSITORY, 'sdks', 'node', 'bench', 'overhead.mjs'), '3'], { encoding: 'utf8' }).trim().split('\n');
  assert.equal(told.length, 2);
  told.forEach((line) => assert.match(line, /^\w+ a payment: sdk \d+ us, fetch \d+ us, .*; sdk \/ fetch \d+\.\d\d, sdk with agent \/ node:http \d+\.\d\d$/));
});
