// Terminals that are played: one that answers as a test wants it, and one that only listens. They own their sockets, and no certificate.

import { once } from 'node:events';
import { createServer } from 'node:https';
import { createServer as overTls } from 'node:tls';

export const ID = 'term_CT20_0042';
export const STATUS = { object: 'terminal_status', id: ID, model: 'nexgo_ct20', status: 'ready', online: true };

/** A terminal that answers `/v1/status`, and lets `play` answer the rest. */
export async function terminal(play, { certificate, status = STATUS, port = 0 }) {
  const requests = [];
  const options = { ...certificate, requestCert: true, rejectUnauthorized: false, minVersion: 'TLSv1.3', keepAliveTimeout: 0 };
  const server = createServer(options, async (request, response) => {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const text = Buffer.concat(chunks).toString('utf8');
    const json = (code, body) => response.writeHead(code, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    if (request.url === '/v1/status') return void json(200, status);
    const got = { method: request.method, url: request.url, headers: request.headers, client: request.socket.getPeerCertificate().subjectaltname, body: text && JSON.parse(text) };
    requests.push(got);
    play(got, json, request.socket, requests.length, response);
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const close = async () => {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  };
  return { requests, host: `127.0.0.1:${server.address().port}`, port: server.address().port, close };
}

/** A peer that speaks TLS and keeps every byte that it is told. */
export async function listener(certificate, port = 0) {
  const heard = [];
  const server = overTls({ ...certificate, minVersion: 'TLSv1.3' }, (socket) => {
    socket.on('error', () => {});
    socket.on('data', (chunk) => heard.push(chunk));
  });
  server.on('tlsClientError', () => {});
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return { heard, host: `127.0.0.1:${server.address().port}`, close: () => server.close() };
}
