// A state directory for each process of tests, gone afterwards: what one test wrote down is no other's business.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export const STATE = mkdtempSync(join(tmpdir(), 'vinr-state-'));
process.env.XDG_STATE_HOME = STATE;
process.once('exit', () => rmSync(STATE, { recursive: true, force: true }));
