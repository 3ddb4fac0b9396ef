// What is written down about payments in hybrid mode, before a byte of them leaves: which path they may still take. Owns the
// files and the choice of a name; decides nothing about payments.

import { randomBytes } from 'node:crypto';
import { mkdir, open, readFile, readdir, rename, unlink } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';

import { ConfigurationError, codeOf } from '../errors.js';
import type { RecordState } from './decide.js';

/** What makes two creates the same order. */
export interface Order {
  terminalId: string;
  reference?: string | undefined;
  amount: number;
  currency: string;
}

/** One payment, as it is written down. */
export interface Delegation extends Order {
  v: 1;
  /** The client token, in small letters. */
  intent: string;
  state: RecordState;
  /** Unix milliseconds. */
  createdAt: number;
  updatedAt: number;
}

/** Where delegations are kept. What `save` was given has to survive the process and a power cut once it resolves. */
export interface Delegations {
  /** The record of this name. */
  load(intent: string): Promise<Delegation | undefined>;
  /** The records of this order, in any sequence. */
  find(order: Order): Promise<Delegation[]>;
  /** Writes the record, instead of what was there. */
  save(record: Delegation): Promise<void>;
  /** Forgets it. */
  erase(intent: string): Promise<void>;
}

/** Which name an order gets, and the record that it resumes. */
export type Identity = { intent: string | undefined; record?: Delegation | undefined };

/** Whether two orders are the same. */
export function sameOrder(one: Order, other: Order): boolean {
  return one.terminalId === other.terminalId && one.reference === other.reference && one.amount === other.amount && one.currency === other.currency;
}

function isOver(record: Delegation): boolean {
  return record.state === 'final_local' || record.state === 'final_cloud';
}

/** Chooses the name: the caller's, or that of the newest record of the same order that is not over, or none. */
export function identityOf(order: Order, clientToken: string | undefined, records: readonly Delegation[]): Identity {
  if (clientToken !== undefined) {
    const intent = clientToken.toLowerCase();
    const record = records.find((one) => one.intent === intent);
    if (record === undefined || sameOrder(record, order)) return { intent, record };
    throw new ConfigurationError('client_token_reused', 'the client token names another payment: nothing was sent', 'clientToken');
  }
  if (order.reference === undefined) return { intent: undefined };
  const open = records.filter((one) => !isOver(one) && sameOrder(one, order)).sort((one, other) => other.createdAt - one.createdAt);
  return { intent: open[0]?.intent, record: open[0] };
}

const KEPT_MS = 24 * 3_600_000;
const NAME = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\.json$/;

/** One file for each payment, in a directory that only this user can read. */
export class DelegationFiles implements Delegations {
  readonly #directory: string;
  /** What is over does not change any more. */
  readonly #over = new Map<string, Delegation>();

  constructor(directory: string) {
    this.#directory = directory;
  }

  async load(intent: string): Promise<Delegation | undefined> {
    return this.#read(`${intent}.json`);
  }

  async find(order: Order): Promise<Delegation[]> {
    const found: Delegation[] = [];
    for (const name of await this.#names()) {
      const record = this.#over.get(name) ?? (await this.#read(name));
      if (record === undefined) continue;
      if (isOver(record) && record.updatedAt < Date.now() - KEPT_MS) await this.erase(record.intent);
      else {
        if (isOver(record)) this.#over.set(name, record);
        if (sameOrder(record, order)) found.push(record);
      }
    }
    return found;
  }

  async save(record: Delegation): Promise<void> {
    const name = `${record.intent}.json`;
    const beside = join(this.#directory, `.${record.intent}.${randomBytes(6).toString('hex')}`);
    try {
      await mkdir(this.#directory, { recursive: true, mode: 0o700 });
      const file = await open(beside, 'wx', 0o600);
      try {
        await file.writeFile(`${JSON.stringify(record)}\n`);
        await file.sync();
      } finally {
        await file.close();
      }
      await rename(beside, join(this.#directory, name));
      await this.#syncDirectory();
    } catch (thrown) {
      await unlink(beside).catch(() => {});
      throw unusable(thrown, 'written');
    }
  }

  async erase(intent: string): Promise<void> {
    this.#over.delete(`${intent}.json`);
    try {
      await unlink(join(this.#directory, `${intent}.json`));
    } catch (thrown) {
      if (codeOf(thrown) !== 'ENOENT') throw unusable(thrown, 'erased');
    }
  }

  async #names(): Promise<string[]> {
    try {
      return (await readdir(this.#directory)).filter((name) => NAME.test(name));
    } catch (thrown) {
      if (codeOf(thrown) === 'ENOENT') return [];
      throw unusable(thrown, 'read');
    }
  }

  async #read(name: string): Promise<Delegation | undefined> {
    let text: string;
    try {
      text = await readFile(join(this.#directory, name), 'utf8');
    } catch (thrown) {
      if (codeOf(thrown) === 'ENOENT') return undefined;
      throw unusable(thrown, 'read');
    }
    const record = understood(text);
    if (record !== undefined && `${record.intent}.json` === name) return record;
    throw unusable(undefined, `understood (${name})`);
  }

  /** Makes the new name itself durable; where directories cannot be synced the system does it. */
  async #syncDirectory(): Promise<void> {
    if (process.platform === 'win32') return;
    const directory = await open(this.#directory, 'r');
    try {
      await directory.sync();
    } finally {
      await directory.close();
    }
  }
}

const STATES: ReadonlySet<unknown> = new Set(['local', 'delegated', 'final_local', 'final_cloud'] satisfies RecordState[]);

function understood(text: string): Delegation | undefined {
  try {
    const record = JSON.parse(text) as Delegation;
    return record.v === 1 && typeof record.terminalId === 'string' && STATES.has(record.state) ? record : undefined;
  } catch {
    return undefined;
  }
}

function unusable(thrown: unknown, what: string): ConfigurationError {
  const why = codeOf(thrown);
  return new ConfigurationError('state_unusable', `the record of a payment cannot be ${what}${why === undefined ? '' : ` (${why})`}`, 'terminal.stateDir');
}

/** Where files are kept unless the caller says it. */
export function stateDirectory(given: string | undefined): string {
  if (given !== undefined) return given;
  const base = process.env['XDG_STATE_HOME'] || join(homedir(), '.local', 'state');
  return join(base, 'vinr');
}
