// The example programs: type-checked as a user would, and run against the real platform.

import assert from 'node:assert/strict';
import { execFile, execFileSync } from 'node:child_process';
import { readdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { STATE } from './rig/state.mjs';
import { BINARY, startDev } from './rig/dev.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
const built = join(root, 'dist', 'examples');
const run = promisify(execFile);

/** Lines that each program has to print; the start of them. */
const SAYS = {
  cloud_api: [/^begun tpay_\S+ pending$/, /^ended completed visa 4242$/, /^paid completed 4242 \S+$/, /^declined failed card_declined$/, /^cancelled cancelled$/,
    /^captured completed 2875$/, /^refused invalid_request_error already_captured 422$/, /^refunded 1000 1500$/, /^slow completed$/],
  terminal_payments: [/^created tpay_\S+ authorized 20\d\d null$/, /^retrieved authorized 4242 0$/, /^captured completed 4200$/, /^cancelled true$/, /^listed true /],
  terminals: [/^activate activation_code_unknown$/, /^retrieved nexgo_n92$/, /^updated Counter 3 true$/, /^listed \[ 'Counter 3' \] false$/, /^each nexgo_n92$/, /^each simulator$/,
    /^configured true$/, /^would change 1$/, /^at the location 1$/, /^action reboot true$/, /^webhooks \[ 'terminal\.\*' \] true$/],
  local_api: [/^group completed true /, /^timed out true pending$/, /^recovered completed 4242$/],
  till: [/^named term_test_simulator 127\.0\.0\.1 simulator online$/, /^announced true$/, /^local completed 4242 visa$/, /^recovered true$/, /^hybrid completed local$/, /^resolved true$/],
  simulator: [/^readers term_local_simulator 127\.0\.0\.1 simulator$/, /^paid completed 4242$/, /^declined insufficient_funds$/, /^offline processing true$/],
  webhooks: [/^forged 400$/, /^received paid 1200 USD$/],
};
/** What a program is told beside its key. */
const TOLD = {
  till: ({ ready, terminal }) => ({
    VINR_TERMINAL: terminal, VINR_HOSTS: new URL(ready.local).host, VINR_LOCAL_CERT_PATH: ready.clientP12, VINR_LOCAL_CERT_PASSPHRASE: ready.clientP12Passphrase,
  }),
  simulator: () => ({ VINR_SIMULATOR: BINARY, VINR_BASE_URL: '' }),
};

describe('examples', () => {
  before(() => {
    rmSync(built, { recursive: true, force: true });
    execFileSync(process.execPath, [tsc, '-p', join(root, 'tsconfig.examples.json')], { stdio: 'inherit' });
  });

  it('are all in the list', () => {
    const names = readdirSync(join(root, 'examples')).map((name) => name.replace(/\.mts$/, ''));
    assert.deepEqual(names.sort(), Object.keys(SAYS).sort());
  });

  for (const [name, wanted] of Object.entries(SAYS)) {
    it(name, { timeout: 60_000 }, async () => {
      const dev = await startDev();
      try {
        const env = { PATH: process.env.PATH, VINR_SECRET_KEY: dev.secretKey, VINR_BASE_URL: dev.api, XDG_STATE_HOME: STATE, ...TOLD[name]?.(dev) };
        const { stdout } = await run(process.execPath, [join(built, `${name}.mjs`)], { env, cwd: root });
        const lines = stdout.trimEnd().split('\n');
        wanted.forEach((line) => assert.ok(lines.some((one) => line.test(one)), `${line} is not in:\n${stdout}`));
      } finally {
        await dev.stop();
      }
    });
  }
});
