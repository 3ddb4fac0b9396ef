// Makes the calls that vectors and scenarios name, and reads the shared files.

import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const REPOSITORY = join(dirname(fileURLToPath(import.meta.url)), '..', '..', '..', '..');
export const CONFORMANCE = join(REPOSITORY, 'sdks', 'conformance');

/** One of the shared files. */
export function shared(...path) {
  return JSON.parse(readFileSync(join(CONFORMANCE, ...path), 'utf8'));
}

/** The method that a name like `terminal.payments.create` stands for. */
export function methodOf(vinr, name) {
  const parts = name.split('.');
  const last = parts.pop();
  const owner = parts.reduce((inner, part) => inner?.[part], vinr);
  if (typeof owner?.[last] !== 'function') throw new Error(`there is no ${name}`);
  return owner[last].bind(owner);
}
