// What every method returns: a promise of the result that can also tell how it was answered. Runs nothing by itself.

import type { Answer, RawResponse } from './exchange.js';

/** A result beside the answer that it came in. */
export interface WithResponse<T> {
  data: T;
  response: RawResponse;
}

/** The promise of a result; `withResponse()` also shows status and headers. */
export class ApiCall<T> implements Promise<T> {
  readonly [Symbol.toStringTag] = 'ApiCall';
  readonly #settled: Promise<WithResponse<T>>;

  constructor(answer: Promise<Answer>, shape: (answer: Answer) => T = (answer) => answer.data as T) {
    this.#settled = answer.then((one) => ({ data: shape(one), response: one.response }));
  }

  /** The result, beside status, headers and request id. */
  withResponse(): Promise<WithResponse<T>> {
    return this.#settled;
  }

  then<A = T, B = never>(done?: ((value: T) => A | PromiseLike<A>) | null, failed?: ((reason: unknown) => B | PromiseLike<B>) | null): Promise<A | B> {
    return this.#settled.then(({ data }) => data).then(done, failed);
  }

  catch<B = never>(failed?: ((reason: unknown) => B | PromiseLike<B>) | null): Promise<T | B> {
    return this.then(null, failed);
  }

  finally(after?: (() => void) | null): Promise<T> {
    return this.then().finally(after);
  }
}
