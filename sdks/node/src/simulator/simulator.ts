// The local simulator: one process for each client, started by the first call that needs it. It ends with the client, and can never
// outlive this process: its standard input is a pipe that ends with it.

import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

import { ConfigurationError } from '../errors.js';
import { simulatorProgram } from './locate.js';

const START_MS = 30_000;
const END_MS = 5_000;

/** What the simulator says when it is ready. */
export interface SimulatorFacts {
  terminal: string;
  model: string;
  ip: string;
  port: number;
  caBundle: string;
  clientP12: string;
  clientP12Passphrase: string;
  api: string;
  secretKey: string;
}

/** What it is started with. */
export interface SimulatorOptions {
  path: string | undefined;
  offline: boolean;
}

/** One simulator. */
export class Simulator {
  readonly #options: SimulatorOptions;
  #child: ChildProcess | undefined;
  #ready: Promise<SimulatorFacts> | undefined;
  #facts: SimulatorFacts | undefined;
  #closed = false;

  constructor(options: SimulatorOptions) {
    this.#options = options;
  }

  /** What it said when it was ready; nothing before. */
  get facts(): SimulatorFacts | undefined {
    return this.#facts;
  }

  /** Starts it, unless that was done; callers at the same time share one start. */
  start(): Promise<SimulatorFacts> {
    if (this.#closed) return Promise.reject(new ConfigurationError('client_closed', 'the client has been closed, and its simulator with it'));
    this.#ready ??= this.#run().then(
      (facts) => (this.#facts = facts),
      (thrown: unknown) => {
        this.#ready = undefined;
        throw thrown;
      },
    );
    return this.#ready;
  }

  /** Ends it, and waits until it is gone. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#ready?.catch(() => {});
    const child = this.#child;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    child.ref();
    child.stdin?.end();
    const clock = setTimeout(() => child.kill('SIGKILL'), END_MS);
    await gone;
    clearTimeout(clock);
  }

  async #run(): Promise<SimulatorFacts> {
    const program = simulatorProgram(this.#options.path);
    const args = ['simulator', '--json', '--until-stdin-ends', ...(this.#options.offline ? ['--offline'] : [])];
    const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'pipe'], windowsHide: true });
    this.#child = child;
    // A pipe whose other end is gone says so; there is nobody to tell.
    child.stdin.on('error', () => {});
    let said = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => (said = `${said}${text}`.slice(-2_000)));
    const failed = (why: string): ConfigurationError =>
      new ConfigurationError('simulator_not_available', `the local simulator (${program}) ${why}${said === '' ? '' : `: ${said.trim()}`}`, 'terminal.simulatorPath');
    const lines = createInterface({ input: child.stdout });
    let clock: NodeJS.Timeout | undefined;
    try {
      return await new Promise<SimulatorFacts>((resolve, reject) => {
        lines.on('line', (line) => line.startsWith('{') && resolve(JSON.parse(line) as SimulatorFacts));
        child.once('error', (error) => reject(failed(`cannot be started (${error.message})`)));
        child.once('close', (status) => reject(failed(`ended with ${status} before it was ready`)));
        clock = setTimeout(() => {
          child.kill('SIGKILL');
          reject(failed(`was not ready within ${START_MS} ms`));
        }, START_MS);
      });
    } finally {
      clearTimeout(clock);
      // From now on it keeps nobody waiting who wants to end.
      child.unref();
      for (const stream of [child.stdin, child.stdout, child.stderr]) (stream as unknown as { unref?(): void }).unref?.();
    }
  }
}
