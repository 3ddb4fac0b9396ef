// What every group of calls is made of: reading, writing, listing. Knows verbs and options, no resource.

import { ApiCall } from './api_call.js';
import type { Answer, Call, Exchange } from './exchange.js';
import { idempotencyKey } from './identity.js';
import { toQuery } from './letter_case.js';
import { type Cursors, List, type Page } from './page.js';
import type { CallOptions } from './settings.js';
import { type ApiVersion, CURRENT } from './version.js';

type Path = () => string;

/** One change. */
interface Change {
  body?: object | undefined;
  query?: object | undefined;
  method?: 'POST' | 'PUT';
  money?: boolean;
}

/** A group of calls. */
export abstract class Resource {
  /** @internal */
  protected readonly exchange: Exchange;
  /** @internal */
  protected readonly version: ApiVersion;

  /** @internal */
  constructor(exchange: Exchange, version: ApiVersion = CURRENT) {
    this.exchange = exchange;
    this.version = version;
  }

  /** @internal Reads. The path is made inside, so that an id that is none rejects instead of throwing. */
  protected read<T>(path: Path, query: object = {}, options?: CallOptions): ApiCall<T> {
    return new ApiCall<T>(this.get(path, query, options));
  }

  /** @internal Reads what is no JSON. */
  protected text(path: Path, accept: string, options?: CallOptions): ApiCall<string> {
    const run = async (): Promise<Answer> => {
      const call: Call = { kind: 'read', money: false, method: 'GET', path: path(), version: this.version, accept };
      return this.exchange.perform(call, options);
    };
    return new ApiCall<string>(run());
  }

  /** @internal */
  protected async get(path: Path, query: object, options?: CallOptions): Promise<Answer> {
    const call: Call = { kind: 'read', money: false, method: 'GET', path: path(), query: toQuery(query), version: this.version };
    return this.exchange.perform(call, options);
  }

  /** @internal Changes something, under an idempotency key. */
  protected write<T>(path: Path, change: Change, options?: CallOptions): ApiCall<T> {
    const { body = {}, query = {}, method = 'POST', money = false } = change;
    const run = async (): Promise<Answer> => {
      const key = idempotencyKey(options?.idempotencyKey);
      const call: Call = {
        kind: 'write', money, method, path: path(), query: toQuery(query), body: JSON.stringify(body), version: this.version, idempotencyKey: key,
      };
      return this.exchange.perform(call, options);
    };
    return new ApiCall<T>(run());
  }

  /** @internal Deletes. */
  protected remove<T>(path: Path, options?: CallOptions): ApiCall<T> {
    const run = async (): Promise<Answer> => {
      const call: Call = { kind: 'delete', money: false, method: 'DELETE', path: path(), version: this.version };
      return this.exchange.perform(call, options);
    };
    return new ApiCall<T>(run());
  }

  /** @internal Lists, page by page. */
  protected pages<T, P extends Page<T> = Page<T>>(path: Path, query: object & Cursors, options?: CallOptions, named?: (item: T) => string): List<T, P> {
    const turn = (cursors: Cursors): Promise<Answer> => {
      const { startingAfter: _, endingBefore: __, ...filters } = query;
      return this.get(path, { ...filters, ...cursors }, options);
    };
    const backwards = typeof query.endingBefore === 'string';
    return new List<T, P>(this.get(path, query, options), turn, backwards, named);
  }
}
