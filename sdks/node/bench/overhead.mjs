// What a call costs in the SDK beside what it costs without: the same requests to the same server through the SDK, through the global fetch
// that it stands on, and through node:http. Prints times per call in microseconds and their ratios; asserts nothing.
//
//   node bench/overhead.mjs [calls]      3000 unless given

import { once } from 'node:events';
import { Agent, createServer, request } from 'node:http';

import { Vinr } from '@vinr/sdk';

const calls = Number(process.argv[2] ?? 3_000);
const ROUNDS = 5;
const PAYMENT = {
  id: 'tpay_01HZ5QA7BK', object: 'terminal_payment', livemode: false, terminalId: 'term_1', amount: 2500, currency: 'USD', status: 'completed', captureMethod: 'automatic',
  amountCaptured: 2500, amountCapturable: 0, amountRefunded: 0, reference: 'order_1', responseMode: 'sync', entryMethod: 'contactless', last4: '4242', brand: 'visa', authCode: 'A12345',
  paymentMethod: { type: 'card', card: { brand: 'visa', last4: '4242' }, entryMode: 'contactless' }, metadata: { order: '1' }, createdAt: '2026-06-11T09:00:00Z',
  completedAt: '2026-06-11T09:00:11Z', sequence: 3, clientToken: '01890a5d-ac96-774b-bcce-b302099a8057',
};
const ORDER = { terminalId: 'term_1', amount: 2500, currency: 'USD', reference: 'order_1', responseMode: 'sync' };

const server = createServer((incoming, response) => {
  incoming.resume().on('end', () => {
    const body = JSON.stringify(PAYMENT);
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body), 'x-request-id': 'req_1' }).end(body);
  });
});
server.listen(0, '127.0.0.1');
await once(server, 'listening');
const base = `http://127.0.0.1:${server.address().port}`;
const headers = { authorization: 'Bearer sk_test_bench', accept: 'application/json', 'vinr-version': '2026-06-11', 'content-type': 'application/json', 'idempotency-key': 'bench' };
const agent = new Agent({ keepAlive: true });
const vinr = new Vinr({ secretKey: 'sk_test_bench', baseUrl: base });
const throughAgent = new Vinr({ secretKey: 'sk_test_bench', baseUrl: base, agent });

async function byFetch(path, method, body) {
  const response = await fetch(`${base}${path}`, { method, headers, ...(body && { body: JSON.stringify(body) }) });
  return response.json();
}

function byHttp(path, method, body) {
  return new Promise((resolve, reject) => {
    const sent = request(`${base}${path}`, { method, headers, agent }, (incoming) => {
      const chunks = [];
      incoming.on('data', (chunk) => chunks.push(chunk)).on('end', () => resolve(JSON.parse(Buffer.concat(chunks).toString('utf8'))));
    });
    sent.on('error', reject).end(body && JSON.stringify(body));
  });
}

const PATH = '/v1/terminal/payments';
const MEASURED = {
  'retrieve a payment': {
    sdk: () => vinr.terminal.payments.retrieve('tpay_01HZ5QA7BK'), fetch: () => byFetch(`${PATH}/tpay_01HZ5QA7BK`, 'GET'),
    'sdk with agent': () => throughAgent.terminal.payments.retrieve('tpay_01HZ5QA7BK'), 'node:http': () => byHttp(`${PATH}/tpay_01HZ5QA7BK`, 'GET'),
  },
  'create a payment': {
    sdk: () => vinr.terminal.payments.create(ORDER), fetch: () => byFetch(PATH, 'POST', ORDER),
    'sdk with agent': () => throughAgent.terminal.payments.create(ORDER), 'node:http': () => byHttp(PATH, 'POST', ORDER),
  },
};

/** Microseconds per call, one after the other. */
async function time(call) {
  const began = process.hrtime.bigint();
  for (let nth = 0; nth < calls; nth += 1) await call();
  return Number(process.hrtime.bigint() - began) / 1_000 / calls;
}

for (const [what, ways] of Object.entries(MEASURED)) {
  // The fastest of some rounds, which take turns: what else the machine does hits all of them.
  const best = Object.fromEntries(Object.keys(ways).map((name) => [name, Infinity]));
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const [name, call] of Object.entries(ways)) best[name] = Math.min(best[name], await time(call));
  }
  const told = Object.entries(best).map(([name, us]) => `${name} ${us.toFixed(0)} us`).join(', ');
  const ratio = (one, other) => (best[one] / best[other]).toFixed(2);
  console.log(`${what}: ${told}; sdk / fetch ${ratio('sdk', 'fetch')}, sdk with agent / node:http ${ratio('sdk with agent', 'node:http')}`);
}
agent.destroy();
server.close();
server.closeAllConnections();
