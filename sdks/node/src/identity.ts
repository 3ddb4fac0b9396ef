// Names that make a request safe to send twice: client tokens and idempotency keys. Makes and checks them, remembers none.

import { randomBytes, randomUUID } from 'node:crypto';

import { ConfigurationError } from './errors.js';

/** A UUID of version 7: it sorts by the time it was made, as the platform's own names do. */
export function newClientToken(nowMs: number = Date.now()): string {
  const bytes = randomBytes(16);
  bytes.writeUIntBE(nowMs, 0, 6);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x70, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  const hex = bytes.toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}

/** The caller's key if it can be a header, or a new one. */
export function idempotencyKey(given: string | undefined): string {
  if (given === undefined) return randomUUID();
  if (/^[!-~]([ -~]{0,253}[!-~])?$/.test(given)) return given;
  throw new ConfigurationError('parameter_invalid', 'an idempotency key is 1 to 255 printable ASCII characters', 'idempotencyKey');
}

/** An id as one segment of a path: whatever is in it, it cannot lead anywhere else. */
export function segment(name: string, id: unknown): string {
  if (typeof id !== 'string' || id === '') {
    throw new ConfigurationError('parameter_missing', `${name} has to be a non-empty string`, name);
  }
  if (/^\.\.?$/.test(id)) throw new ConfigurationError('parameter_invalid', `${name} is not an id`, name);
  return encodeURIComponent(id);
}
