// Whether a post is the platform's and fresh, and the event in it. Believes the raw bytes only, and compares in constant time.

import { createHmac, timingSafeEqual } from 'node:crypto';

import { ConfigurationError, SignatureVerificationError } from './errors.js';
import type { VinrEvent } from './events.js';
import { fromWire } from './letter_case.js';

/** The header, or all headers of the post: those of Standard Webhooks are understood too. */
export type SignatureSource = string | Headers | Readonly<Record<string, string | readonly string[] | undefined>>;

interface Signed {
  /** What is signed before the body. */
  prefix: string;
  seconds: number;
  candidates: Buffer[];
}

const TOLERANCE_S = 300;
const SHORTEST_SECRET = 24;

/** `vinr.webhooks` */
export class Webhooks {
  /**
   * The event of a post. `rawBody` are the bytes as they came; `signature` is the header `Vinr-Signature`, or all headers.
   * Throws {@link SignatureVerificationError} when the post is not to be believed.
   */
  constructEvent(rawBody: string | Uint8Array, signature: SignatureSource, secret: string, toleranceSeconds: number = TOLERANCE_S): VinrEvent {
    return this.#constructAt(rawBody, signature, secret, toleranceSeconds, Math.floor(Date.now() / 1000));
  }

  /** @internal The same at another time, in Unix seconds. */
  constructEventAt(rawBody: string | Uint8Array, signature: SignatureSource, secret: string, toleranceSeconds: number, nowS: number): VinrEvent {
    return this.#constructAt(rawBody, signature, secret, toleranceSeconds, nowS);
  }

  #constructAt(rawBody: string | Uint8Array, signature: SignatureSource, secret: string, toleranceSeconds: number, nowS: number): VinrEvent {
    const body = bytes(rawBody);
    const key = keyOf(secret);
    const signed = typeof signature === 'string' ? ownHeader(signature) : fromHeaders(signature);
    const expected = createHmac('sha256', key).update(signed.prefix).update(body).digest();
    const fits = signed.candidates.filter((one) => one.length === expected.length && timingSafeEqual(one, expected));
    if (fits.length === 0) {
      throw new SignatureVerificationError('no_match', 'no signature fits: another secret, or the body is not the bytes that came');
    }
    if (Math.abs(nowS - signed.seconds) > toleranceSeconds) {
      throw new SignatureVerificationError('not_fresh', `the post was signed more than ${toleranceSeconds} s away from now`);
    }
    return eventOf(body);
  }
}

function eventOf(body: Buffer): VinrEvent {
  let event: unknown;
  try {
    event = JSON.parse(body.toString('utf8'));
  } catch {
    throw malformed('the signed body is no JSON');
  }
  if (typeof event !== 'object' || event === null) throw malformed('the signed body is no event');
  return fromWire(event) as VinrEvent;
}

function bytes(rawBody: string | Uint8Array): Buffer {
  if (typeof rawBody === 'string') return Buffer.from(rawBody, 'utf8');
  if (rawBody instanceof Uint8Array) return Buffer.from(rawBody.buffer, rawBody.byteOffset, rawBody.byteLength);
  throw new ConfigurationError('parameter_invalid', 'rawBody has to be the bytes or the text that came, not JSON that was parsed', 'rawBody');
}

function keyOf(secret: string): Buffer {
  const encoded = typeof secret === 'string' && secret.startsWith('whsec_') ? secret.slice('whsec_'.length) : undefined;
  const key = Buffer.from(encoded ?? '', 'base64');
  if (key.length >= SHORTEST_SECRET) return key;
  throw new ConfigurationError('parameter_invalid', 'secret has to be the whsec_… of the endpoint', 'secret');
}

function malformed(why: string): SignatureVerificationError {
  return new SignatureVerificationError('malformed', why);
}

function unixSeconds(text: string | undefined): number {
  if (text === undefined || !/^-?\d{1,15}$/.test(text)) throw malformed('the signature has no time');
  return Number(text);
}

/** `Vinr-Signature: t=<unix>,v1=<hex>[,v1=<hex>]`. */
function ownHeader(header: string): Signed {
  let time: string | undefined;
  const candidates: Buffer[] = [];
  for (const part of header.split(',')) {
    const [, name, value = ''] = /^([^=]*)=(.*)$/.exec(part.trim()) ?? [];
    if (name === undefined) throw malformed('the signature header cannot be read');
    if (name === 't') time = value;
    // Other names are schemes to come.
    if (name !== 'v1') continue;
    if (!/^(?:[0-9a-f]{2})+$/i.test(value)) throw malformed('a signature is not hexadecimal');
    candidates.push(Buffer.from(value, 'hex'));
  }
  if (candidates.length === 0) throw malformed('the header has no signature');
  const seconds = unixSeconds(time);
  return { prefix: `${time}.`, seconds, candidates };
}

/** The headers of Standard Webhooks. */
function standard(id: string, time: string | undefined, signatures: string): Signed {
  const seconds = unixSeconds(time);
  const candidates = signatures.split(' ').filter((one) => one.startsWith('v1,')).map((one) => Buffer.from(one.slice(3), 'base64'));
  if (candidates.length === 0) throw malformed('the headers have no signature');
  return { prefix: `${id}.${time}.`, seconds, candidates };
}

function fromHeaders(headers: Exclude<SignatureSource, string>): Signed {
  const found = new Map<string, string>();
  const entries = headers instanceof Headers ? [...headers.entries()] : Object.entries(headers);
  for (const [name, value] of entries) {
    const first = typeof value === 'string' ? value : value?.[0];
    if (first !== undefined) found.set(name.toLowerCase(), first);
  }
  const own = found.get('vinr-signature');
  if (own !== undefined) return ownHeader(own);
  const id = found.get('webhook-id');
  const signatures = found.get('webhook-signature');
  if (id === undefined || signatures === undefined) throw malformed('the post carries no signature');
  return standard(id, found.get('webhook-timestamp'), signatures);
}
