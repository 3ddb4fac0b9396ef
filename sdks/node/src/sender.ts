// Sends one HTTP request and says how it went: through the global fetch, the caller's, or an agent of node:https. Follows no
// redirects, retries nothing.

import { request as overHttp, Agent as HttpAgent, type RequestOptions } from 'node:http';
import { request as overTls, type Agent as HttpsAgent } from 'node:https';
import { Readable } from 'node:stream';

import { type Layer, codeOf, plainCause } from './errors.js';
import type { Failure } from './retry.js';
import type { VinrOptions } from './settings.js';

/** One request on its way out. */
export interface Outgoing {
  method: string;
  url: string;
  headers: Record<string, string>;
  body?: string | undefined;
  signal: AbortSignal;
  /** How far a connection of its own has come; written by an agent that knows. */
  progress?: Progress | undefined;
}

/** How far a connection has come. Nothing of a request leaves before it is `open`. */
export interface Progress {
  at: 'connecting' | 'handshake' | 'open';
}

/** Sends, and resolves once the headers of the answer are there. */
export type Sender = (outgoing: Outgoing) => Promise<Response>;

/** The sender that the options ask for. */
export function senderOf(options: VinrOptions): Sender {
  if (options.agent !== undefined) return throughAgent(options.agent);
  const { fetch, dispatcher } = options;
  return ({ method, url, headers, body, signal }) => {
    const init: Record<string, unknown> = { method, headers, signal, redirect: 'manual' };
    if (body !== undefined) init['body'] = body;
    if (dispatcher !== undefined) init['dispatcher'] = dispatcher;
    return (fetch ?? globalThis.fetch)(url, init as RequestInit);
  };
}

function throughAgent(agent: HttpsAgent | HttpAgent): Sender {
  return ({ method, url, headers, body, signal, progress }) =>
    new Promise((resolve, reject) => {
      const options: RequestOptions & { progress?: Progress | undefined } = { method, headers, signal, agent, progress };
      if (body !== undefined) options.headers = { ...headers, 'content-length': Buffer.byteLength(body) };
      const send = url.startsWith('https:') ? overTls : overHttp;
      const outgoing = send(url, options, (incoming) => {
        const status = incoming.statusCode ?? 0;
        const answered = new Headers();
        Object.entries(incoming.headersDistinct).forEach(([name, values]) => values?.forEach((one) => answered.append(name, one)));
        const empty = status === 204 || status === 205 || status === 304;
        if (empty) incoming.resume();
        resolve(new Response(empty ? null : (Readable.toWeb(incoming) as ReadableStream), { status, headers: answered }));
      });
      outgoing.on('error', reject);
      outgoing.end(body);
    });
}

/** Codes of failures to resolve a name or to connect; nothing was sent. */
const UNSENT = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'UND_ERR_CONNECT_TIMEOUT', 'EHOSTUNREACH', 'ENETUNREACH', 'EADDRNOTAVAIL']);
/** Codes of a certificate that does not prove what it should; nothing was sent, and another attempt meets the same one. */
const UNTRUSTED = /^(?:ERR_TLS_CERT_ALTNAME_INVALID$|CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_(?:GET_ISSUER|VERIFY_LEAF)|INVALID_(?:CA|PURPOSE)$|HOSTNAME_MISMATCH$)/;
/** @internal A trusted certificate that names another terminal. */
export const WRONG_TERMINAL = 'VINR_WRONG_TERMINAL';
/** @internal Marks failures of a connection that was not handed out yet. */
export const BEFORE_REQUEST: unique symbol = Symbol('vinr.before-request');

const NO_WAY = new Set(['EHOSTUNREACH', 'ENETUNREACH', 'EADDRNOTAVAIL', 'ETIMEDOUT', 'ENETDOWN', 'EHOSTDOWN']);

/** Which layer of the way to a terminal failed, by what a socket says. */
export function layerOf(failure: { code: string; before: boolean; progress: Progress | undefined }): Layer {
  const { code, before, progress } = failure;
  if (code === WRONG_TERMINAL) return 'certificate';
  if (code === 'CERT_HAS_EXPIRED' || code === 'CERT_NOT_YET_VALID') return 'clock';
  if (UNTRUSTED.test(code)) return 'certificate';
  if (!before && progress?.at !== 'connecting') return 'http';
  if (progress?.at === 'handshake') return 'tls';
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return 'name';
  if (NO_WAY.has(code)) return 'route';
  return code === 'ECONNREFUSED' ? 'port' : 'tls';
}

/** What a sender's failure says about the request. Codes that a connection under way can end with say nothing good. */
export function failureOf(thrown: unknown, progress?: Progress): Failure {
  const cause = plainCause(thrown);
  const code = codeOf(cause) ?? '';
  const before = typeof thrown === 'object' && thrown !== null && BEFORE_REQUEST in thrown;
  const layer = layerOf({ code, before, progress });
  const hopeless = (tls: 'tls_wrong_terminal' | 'tls_untrusted' | 'tls_failed'): Failure => ({ what: 'unsent', hopeless: true, cause, code: tls, layer });
  if (code === WRONG_TERMINAL) return hopeless('tls_wrong_terminal');
  if (UNTRUSTED.test(code)) return hopeless('tls_untrusted');
  if (before && /^(?:ERR_SSL_|EPROTO$)/.test(code)) return hopeless('tls_failed');
  if (before || (UNSENT.has(code) && atConnecting(thrown))) return { what: 'unsent', hopeless: false, cause, layer };
  return { what: 'lost', cause, layer };
}

/** Whether the failure is one of connecting; the same codes may end a connection that was there. */
function atConnecting(thrown: unknown): boolean {
  const inner = thrown instanceof Error && thrown.cause !== undefined ? thrown.cause : thrown;
  if (codeOf(inner) === 'UND_ERR_CONNECT_TIMEOUT') return true;
  const each = inner instanceof AggregateError ? inner.errors : [inner];
  return each.every((one: unknown) => {
    const call = typeof one === 'object' && one !== null && 'syscall' in one ? one.syscall : undefined;
    return call === 'connect' || call === 'getaddrinfo';
  });
}
