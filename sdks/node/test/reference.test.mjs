// The reference is made from the sources, and has every call.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';

import { REPOSITORY, shared } from './rig/calls.mjs';

const reference = readFileSync(join(REPOSITORY, 'docs', 'sdks', 'reference', 'node.md'), 'utf8');

describe('the reference', () => {
  it('is what the sources say', () => {
    execFileSync(process.execPath, [join(REPOSITORY, 'sdks', 'node', 'scripts', 'reference.mjs'), '--check'], { stdio: ['ignore', 'ignore', 'inherit'] });
  });
  it('has every call, and something to say about it', () => {
    const calls = [...shared('operations.json').operations.map((one) => one.name), 'terminal.readers.discover', 'terminal.payments.createLocal', 'terminal.payments.resolve', 'close'];
    for (const name of calls) {
      const [, rest] = reference.split(`\n### vinr.${name}\n`);
      assert.ok(rest, `${name} is not in it`);
      assert.match(rest, /^\n```ts\nvinr\.[\s\S]+?\n```\n\n[A-Z]/, `nothing is said about ${name}`);
    }
  });
});
