// Lists: one page, and all of them one after the other. Knows cursors, not what the items are.

import { ApiCall, type WithResponse } from './api_call.js';
import type { Answer } from './exchange.js';

/** Where the next page is. */
export interface Cursors {
  startingAfter?: string | undefined;
  endingBefore?: string | undefined;
}

/** Fetches the page at these cursors. */
export type Turn = (cursors: Cursors) => Promise<Answer>;

interface ListBody<T> {
  object: string;
  data: T[];
  hasMore: boolean;
}

/** How an item is named by a cursor. */
type Named<T> = (item: T) => string;

/** One page of a list. Iterating over it goes on over the pages that follow. */
export class Page<T> implements AsyncIterable<T> {
  readonly object: string;
  /** The items of this page, newest first. */
  readonly data: T[];
  /** Whether another page follows in the same direction. */
  readonly hasMore: boolean;
  readonly #turn: Turn;
  readonly #named: Named<T>;
  readonly #backwards: boolean;

  constructor(answer: Answer, turn: Turn, named: Named<T>, backwards: boolean) {
    const body = answer.data as ListBody<T>;
    // What some lists say beside their items belongs to the page too.
    Object.assign(this, body);
    this.object = body.object;
    this.data = body.data ?? [];
    this.hasMore = body.hasMore ?? false;
    this.#turn = turn;
    this.#named = named;
    this.#backwards = backwards;
  }

  /** The page that follows; nothing after the last. */
  async nextPage(): Promise<Page<T> | undefined> {
    const edge = this.#backwards ? this.data[0] : this.data.at(-1);
    if (!this.hasMore || edge === undefined) return undefined;
    const name = this.#named(edge);
    const answer = await this.#turn(this.#backwards ? { endingBefore: name } : { startingAfter: name });
    return new Page(answer, this.#turn, this.#named, this.#backwards);
  }

  /** Every item from this page on. With `endingBefore` the list is read backwards: oldest first. */
  async *[Symbol.asyncIterator](): AsyncIterator<T> {
    for (let page: Page<T> | undefined = this; page !== undefined; page = await page.nextPage()) {
      yield* this.#backwards ? page.data.toReversed() : page.data;
    }
  }
}

/** The promise of a page that can also be iterated: `for await (const item of vinr.terminals.list())`. */
export class List<T, P extends Page<T> = Page<T>> extends ApiCall<P> implements AsyncIterable<T> {
  constructor(first: Promise<Answer>, turn: Turn, backwards: boolean, named: Named<T> = (item) => (item as { id: string }).id) {
    super(first, (answer) => new Page(answer, turn, named, backwards) as P);
  }

  async *[Symbol.asyncIterator](): AsyncIterator<T> {
    yield* await this;
  }

  /** The items, at most so many; pages are fetched as needed. */
  async toArray(options: { limit: number }): Promise<T[]> {
    const items: T[] = [];
    if (options.limit < 1) return items;
    for await (const item of this) {
      items.push(item);
      if (items.length >= options.limit) break;
    }
    return items;
  }

  override withResponse(): Promise<WithResponse<P>> {
    return super.withResponse();
  }
}
