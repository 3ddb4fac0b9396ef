// A server that plays what a vector says, one entry per request, and keeps what came. Owns its faults: reset, hang, cut.

import { createServer } from 'node:http';
import { once } from 'node:events';

/** Plays `script`; requests beyond its end are kept and answered 599. */
export class ScriptedServer {
  #server;
  #script;
  requests = [];

  constructor(script) {
    this.#script = script;
    this.#server = createServer((request, response) => void this.#take(request, response));
    this.#server.keepAliveTimeout = 0;
  }

  /** Listens on `port`, any free one unless given. */
  async listen(port = 0) {
    this.#server.listen(port, '127.0.0.1');
    await once(this.#server, 'listening');
    return this.#server.address().port;
  }

  async close() {
    if (!this.#server.listening) return;
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }

  async #take(request, response) {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const url = new URL(request.url, 'http://server');
    this.requests.push({
      method: request.method, path: url.pathname, query: Object.fromEntries(url.searchParams), headers: request.headers,
      text: Buffer.concat(chunks).toString('utf8'),
    });
    this.#answer(this.#script[this.requests.length - 1]?.respond ?? { status: 599, text: 'not in the script' }, request, response);
  }

  #answer({ fault, status = 200, headers = {}, body, text }, request, response) {
    if (fault === 'hang') return;
    if (fault === 'reset') return void request.socket.resetAndDestroy();
    const payload = text ?? JSON.stringify(body);
    const type = text === undefined ? { 'content-type': 'application/json' } : {};
    if (fault === 'cut') {
      response.writeHead(status, { ...type, ...headers, 'content-length': Buffer.byteLength(payload) });
      response.write(payload.slice(0, Math.ceil(payload.length / 2)), () => request.socket.resetAndDestroy());
      return;
    }
    response.writeHead(status, { ...type, ...headers, 'content-length': Buffer.byteLength(payload) });
    response.end(payload);
  }
}

/** A port that nobody listens on. */
export async function freePort() {
  const server = new ScriptedServer([]);
  const port = await server.listen();
  await server.close();
  return port;
}
