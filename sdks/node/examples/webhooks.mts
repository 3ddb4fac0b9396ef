// A server that receives webhooks: it believes signed posts only, answers at once, and tells events apart by their type.

import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';

import { SignatureVerificationError, Vinr, type VinrEvent } from '@vinr/sdk';

const vinr = new Vinr({ secretKey: process.env.VINR_SECRET_KEY });
const terminalId = process.env.VINR_TERMINAL ?? 'term_test_simulator';
let secret = '';

function received(event: VinrEvent): string {
  switch (event.type) {
    case 'terminal_payment.completed':
      return `paid ${event.data.object.amountCaptured} ${event.data.object.currency}`;
    case 'terminal_payment.failed':
      return `declined ${event.data.object.declineCode}`;
    case 'terminal.offline':
      return `gone ${event.data.id} ${event.data.lastSeen}`;
    default:
      return event.type;
  }
}

let settle: (what: string) => void = () => {};
const done = new Promise<string>((resolve) => (settle = resolve));

const server = createServer(async (request, response) => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  try {
    const event = vinr.webhooks.constructEvent(Buffer.concat(chunks), request.headers, secret);
    response.writeHead(204).end();
    if (event.type === 'terminal_payment.completed') settle(received(event));
  } catch (error) {
    response.writeHead(error instanceof SignatureVerificationError ? 400 : 500).end();
  }
});
server.listen(0, '127.0.0.1');
await once(server, 'listening');
const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hooks`;

const endpoint = await vinr.webhookEndpoints.create({ url: address, enabledEvents: ['terminal_payment.*'] });
secret = endpoint.secret ?? '';
const forged = await fetch(address, { method: 'POST', body: '{}', headers: { 'Vinr-Signature': 't=1,v1=00' } });
console.log('forged', forged.status);

await vinr.terminal.payments.create({ terminalId, amount: 1200, currency: 'USD', reference: `hook_${Date.now()}` });
console.log('received', await done);

await vinr.webhookEndpoints.delete(endpoint.id);
server.close();
server.closeAllConnections();
