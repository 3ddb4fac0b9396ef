// Starts `vinr dev` on free ports and ends it; nothing else is ever ended.

import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

import { REPOSITORY } from './calls.mjs';

/** The program under test. */
export const BINARY = process.env.VINR_BIN ?? join(REPOSITORY, 'target', 'debug', 'vinr');

/** A running platform: where its API is, its key, its terminal. `stop` ends it. */
export async function startDev(...more) {
  if (!existsSync(BINARY)) throw new Error(`${BINARY} is not there: run \`cargo build\`, or set VINR_BIN`);
  const directory = mkdtempSync(join(tmpdir(), 'vinr-node-'));
  const options = ['dev', '--json', '--data-dir', join(directory, 'data'), '--api-port', '0', '--link-port', '0', '--rate-limits', 'off', ...more];
  const child = spawn(BINARY, options, { stdio: ['ignore', 'pipe', 'pipe'] });
  const kill = () => child.kill('SIGKILL');
  process.once('exit', kill);
  let said = '';
  child.stderr.on('data', (chunk) => (said = `${said}${chunk}`.slice(-4000)));
  const ready = await new Promise((resolve, reject) => {
    createInterface({ input: child.stdout }).on('line', (line) => line.startsWith('{') && resolve(JSON.parse(line)));
    child.once('exit', (status) => reject(new Error(`vinr dev ended with ${status}: ${said}`)));
  });
  const stop = async () => {
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGTERM');
    await ended;
    process.removeListener('exit', kill);
    rmSync(directory, { recursive: true, force: true });
  };
  return { ready, api: ready.api, secretKey: ready.secretKey, terminal: ready.terminalId, data: join(directory, 'data'), stop };
}
