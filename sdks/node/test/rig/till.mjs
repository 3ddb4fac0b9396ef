// Runs the till program, as a process of its own that may be killed.

import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

import { REPOSITORY } from './calls.mjs';

/** A till with these settings. `call` resolves with its answer, `kill` ends it at once, `end` when it has nothing left to do. */
export function startTill(settings) {
  const child = spawn(process.execPath, [join(REPOSITORY, 'sdks', 'node', 'test', 'till.mjs')], { stdio: ['pipe', 'pipe', 'inherit'] });
  const exited = new Promise((resolve) => child.once('exit', resolve));
  const waiting = new Map();
  const told = [];
  child.stdin.on('error', () => {});
  createInterface({ input: child.stdout }).on('line', (line) => {
    const said = JSON.parse(line);
    if (said.told !== undefined) told.push(said.told);
    waiting.get(said.id)?.(said);
  });
  const write = (line) => child.stdin.write(`${JSON.stringify(line)}\n`);
  write(settings);
  let next = 0;
  const call = (name, args) =>
    new Promise((resolve) => {
      next += 1;
      waiting.set(next, resolve);
      write({ id: next, call: name, args });
    });
  const kill = async () => {
    child.kill('SIGKILL');
    await exited;
  };
  const end = async () => {
    child.stdin.end();
    return exited;
  };
  return { call, kill, end, told, pid: child.pid };
}
