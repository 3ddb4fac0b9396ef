// What hybrid mode does next (sdks/conformance/vectors/hybrid.json). Pure: it decides, the courier acts. A payment has one name on
// every path, so what has to be decided is only whom to ask next, and when an answer may be believed.

import type { Layer } from '../errors.js';

/** What is written down about a payment. */
export type RecordState = 'local' | 'delegated' | 'final_local' | 'final_cloud';

/** Where a payment is. */
export interface HybridState {
  phase: 'new' | 'local' | 'acknowledged' | 'asking' | 'cloud' | 'looking_local' | 'looking_cloud' | 'done';
  /** The terminal may have heard of it. */
  sent?: true;
  /** The other path has said that it does not know it. */
  absent?: true;
  /** It was over before. */
  final?: true;
}

/** What happened. */
export type HybridEvent =
  | { type: 'create' | 'resolve'; record?: RecordState | undefined }
  | { type: 'head' | 'body_lost' | 'local_absent' | 'cloud_absent' | 'asked_long_enough' }
  | { type: 'local_payment' | 'cloud_payment' | 'late_local_answer'; status: string }
  | { type: 'local_failed'; layer: Layer; sent: boolean }
  | { type: 'local_refused' | 'cloud_refused'; code: string }
  | { type: 'cloud_failed' | 'aborted'; sent: boolean };

/** What to do about it. */
export interface HybridStep {
  next: HybridState;
  action: 'send_local' | 'wait_body' | 'ask_local' | 'send_cloud' | 'ask_cloud' | 'return' | 'throw' | 'ignore';
  /** Written down before the action. */
  save?: RecordState | 'erased';
  told?: Layer;
  connectionMode?: 'local' | 'cloud';
  throw?: { error: 'given' | 'outcome_unknown' | 'payment_not_found'; outcomeUnknown: boolean };
}

/** Whether a payment's status is an outcome. */
export function isOutcome(status: string): boolean {
  return status !== 'pending' && status !== 'processing';
}

/** What comes after this event in this state. */
export function decide(state: HybridState, event: HybridEvent): HybridStep {
  if (event.type === 'late_local_answer') return { next: state, action: 'ignore' };
  const step = REACTIONS[state.phase](state, event);
  if (step === undefined) throw new Error(`${event.type} cannot happen in ${state.phase}`);
  return step;
}

type React = (state: HybridState, event: HybridEvent) => HybridStep | undefined;

const REACTIONS: Readonly<Record<HybridState['phase'], React>> = {
  new: begin,
  local: local,
  acknowledged: local,
  asking: asking,
  cloud: cloud,
  looking_local: looking,
  looking_cloud: looking,
  done: () => undefined,
};

function flagged(phase: HybridState['phase'], flags: { sent?: boolean; absent?: boolean; final?: boolean } = {}): HybridState {
  return { phase, ...(flags.sent && { sent: true }), ...(flags.absent && { absent: true }), ...(flags.final && { final: true }) };
}

const OVER = flagged('done', { sent: true });

function thrown(outcomeUnknown: boolean, sent: boolean, save?: 'erased'): HybridStep {
  return { next: flagged('done', { sent }), action: 'throw', ...(save && { save }), throw: { error: 'given', outcomeUnknown } };
}

/** What is thrown when nothing but this attempt could have been heard: the record goes when it was not. */
function unheard(sent: boolean): HybridStep {
  return thrown(sent, sent, sent ? undefined : 'erased');
}

function begin(_: HybridState, event: HybridEvent): HybridStep | undefined {
  if (event.type !== 'create' && event.type !== 'resolve') return undefined;
  const creates = event.type === 'create';
  switch (event.record) {
    case undefined:
      if (creates) return { next: flagged('local'), action: 'send_local', save: 'local' };
      // What is not written down was told to no terminal.
      return { next: flagged('looking_cloud', { sent: true, absent: true }), action: 'ask_cloud' };
    case 'local':
      if (creates) return { next: flagged('local', { sent: true }), action: 'send_local' };
      return { next: flagged('looking_local', { sent: true }), action: 'ask_local' };
    case 'delegated':
      if (creates) return { next: flagged('cloud', { sent: true }), action: 'send_cloud' };
      return { next: flagged('looking_cloud', { sent: true }), action: 'ask_cloud' };
    case 'final_local':
      return { next: flagged('looking_local', { sent: true, final: true }), action: 'ask_local' };
    case 'final_cloud':
      return { next: flagged('looking_cloud', { sent: true, final: true }), action: 'ask_cloud' };
  }
}

/** To the cloud: written down first, so that nobody believes the terminal any more. */
function delegated(layer: Layer, sent: boolean): HybridStep {
  return { next: flagged('cloud', { sent }), action: 'send_cloud', save: 'delegated', told: layer };
}

function local(state: HybridState, event: HybridEvent): HybridStep | undefined {
  const before = state.sent === true;
  switch (event.type) {
    case 'head':
      return { next: flagged('acknowledged', { sent: before }), action: 'wait_body' };
    case 'local_payment':
      if (event.status === 'pending') return { next: flagged('asking', { sent: true }), action: 'ask_local' };
      return { next: OVER, action: 'return', ...(isOutcome(event.status) && { save: 'final_local' }), connectionMode: 'local' };
    case 'body_lost':
      return { next: flagged('asking', { sent: true }), action: 'ask_local' };
    case 'local_failed':
      return delegated(event.layer, before || event.sent);
    case 'local_refused':
      // A name that names another payment is not forgotten; every other refusal holds for the first time it was sent, too.
      return thrown(false, before, event.code === 'client_token_reused' ? undefined : 'erased');
    case 'aborted':
      return unheard(before || event.sent);
    default:
      return undefined;
  }
}

function asking(_: HybridState, event: HybridEvent): HybridStep | undefined {
  const again: HybridStep = { next: flagged('asking', { sent: true }), action: 'ask_local' };
  switch (event.type) {
    case 'local_payment':
      return isOutcome(event.status) ? { next: OVER, action: 'return', save: 'final_local', connectionMode: 'local' } : again;
    case 'local_failed':
      return again;
    case 'local_absent':
    case 'asked_long_enough':
      return delegated('http', true);
    case 'aborted':
      return thrown(true, true);
    default:
      return undefined;
  }
}

function cloud(state: HybridState, event: HybridEvent): HybridStep | undefined {
  const before = state.sent === true;
  switch (event.type) {
    case 'cloud_payment':
      return { next: OVER, action: 'return', ...(isOutcome(event.status) && { save: 'final_cloud' }), connectionMode: 'cloud' };
    case 'cloud_refused':
      return unheard(before);
    case 'cloud_failed':
    case 'aborted':
      return unheard(before || event.sent);
    default:
      return undefined;
  }
}

function looking(state: HybridState, event: HybridEvent): HybridStep | undefined {
  const here = state.phase === 'looking_local';
  const final = state.final === true;
  const ask = here ? 'ask_local' : 'ask_cloud';
  const other = (absent: boolean): HybridStep => {
    const phase = here ? 'looking_cloud' : 'looking_local';
    return { next: flagged(phase, { sent: true, absent, final }), action: here ? 'ask_cloud' : 'ask_local' };
  };
  const unknown: HybridStep = { next: OVER, action: 'throw', throw: { error: 'outcome_unknown', outcomeUnknown: true } };
  switch (event.type) {
    case 'local_payment':
    case 'cloud_payment':
      if (!isOutcome(event.status)) return { next: flagged(state.phase, { sent: true, final }), action: ask };
      return { next: OVER, action: 'return', ...(!final && { save: here ? 'final_local' : 'final_cloud' }) };
    case 'local_failed':
    case 'cloud_failed':
      return other(false);
    case 'local_absent':
    case 'cloud_absent':
      if (!state.absent) return other(true);
      if (final) return unknown;
      return { next: OVER, action: 'throw', save: 'erased', throw: { error: 'payment_not_found', outcomeUnknown: false } };
    case 'cloud_refused':
    case 'local_refused':
    case 'aborted':
      return thrown(true, true);
    case 'asked_long_enough':
      return unknown;
    default:
      return undefined;
  }
}
