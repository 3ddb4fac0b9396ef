// What is sent again, what is looked up instead, and how long to pause (sdks/conformance/README.md). Pure: it decides, the
// exchange acts.

import type { Layer } from './errors.js';

/** What a call does, and so what a second one could do. */
export type Kind = 'read' | 'write' | 'delete' | 'charge';

/** How an attempt failed. */
export type Failure =
  /** No connection was made: nothing can have happened. */
  | { what: 'unsent'; hopeless: boolean; cause: Error; code?: 'tls_untrusted' | 'tls_wrong_terminal' | 'tls_failed' | undefined; layer: Layer }
  /** The connection was lost before the answer was complete. */
  | { what: 'lost'; cause: Error; layer: Layer }
  /** No answer in time. */
  | { what: 'silent'; afterMs: number }
  /** An answer that is not a success, or a success that cannot be read. */
  | { what: 'answered'; answer: Refusal };

/** An answer that is not what was hoped for. */
export interface Refusal {
  status: number;
  /** Whether it is the API's own error, and not that of something in front of it. */
  ours: boolean;
  /** What the API says about sending it again. */
  retry: string | undefined;
  moneyMayHaveMoved: boolean;
  retryAfter: number | undefined;
}

/** What to do after a failure. */
export type Verdict = 'again' | 'look_up' | 'give_up';

const LONGEST_RETRY_AFTER_S = 60;
const SHORTEST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 5_000;

/** What to do after an attempt failed. */
export function decide(kind: Kind, failure: Failure): Verdict {
  switch (failure.what) {
    case 'unsent':
      return failure.hopeless ? 'give_up' : 'again';
    case 'lost':
    case 'silent':
      return afterSilence(kind);
    case 'answered':
      return afterAnswer(kind, failure.answer);
  }
}

function afterSilence(kind: Kind): Verdict {
  if (kind === 'charge') return 'look_up';
  return kind === 'delete' ? 'give_up' : 'again';
}

function afterAnswer(kind: Kind, answer: Refusal): Verdict {
  if (answer.retryAfter !== undefined && answer.retryAfter > LONGEST_RETRY_AFTER_S) return 'give_up';
  if (answer.status >= 200 && answer.status < 300) return afterSilence(kind);
  if (answer.ours) {
    if (kind === 'charge' && (answer.moneyMayHaveMoved || (answer.retry === 'ask_first' && answer.status >= 500))) return 'look_up';
    if (answer.retry === 'later') return 'again';
    return answer.retry === 'ask_first' && answer.status >= 500 && kind === 'read' ? 'again' : 'give_up';
  }
  if (answer.status === 429) return 'again';
  return [500, 502, 503, 504].includes(answer.status) ? afterSilence(kind) : 'give_up';
}

/** Whether the request may have been carried out: `undefined` when this failure says nothing about earlier attempts. */
export function inDoubt(kind: Kind, failure: Failure): boolean | undefined {
  if (kind === 'read') return false;
  switch (failure.what) {
    case 'unsent':
      return undefined;
    case 'lost':
    case 'silent':
      return true;
    case 'answered': {
      const { status, ours, retry, moneyMayHaveMoved } = failure.answer;
      if (moneyMayHaveMoved || (status >= 200 && status < 300)) return true;
      if (status >= 500) return !ours || retry !== 'later' ? true : undefined;
      // A refusal of what the request says holds for every request of the same name; one of who sends it does not.
      return ours && retry !== 'later' && ![401, 403, 429].includes(status) ? false : undefined;
    }
  }
}

/** How long to pause before the n-th retry, in milliseconds; `random` is from 0 to 1. */
export function pauseMs(nth: number, failure: Failure, random: number): number {
  const after = failure.what === 'answered' ? (failure.answer.retryAfter ?? 0) : 0;
  if (after > 0) return Math.round(after * 1000 + random * SHORTEST_PAUSE_MS);
  const least = Math.min(SHORTEST_PAUSE_MS * 2 ** (nth - 1), LONGEST_PAUSE_MS);
  return Math.round(Math.min(least * (1 + random), LONGEST_PAUSE_MS));
}
