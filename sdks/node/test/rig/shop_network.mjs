// The network of a shop, with a bad day: everything for one terminal goes through here. Carries bytes; it knows TLS records only by
// who sends them.

import { once } from 'node:events';
import { connect, createServer } from 'node:net';

const CUT_AFTER_MS = 700;

/**
 * Carries connections to `port`. `day` is how it does so: `good`, `down` (refuses), `deaf` (what the terminal answers is lost, and so is its end), `cut` (a connection
 * ends soon after it was asked for something). On each day the first connection is well: a till asks who is there before it sends a payment.
 */
export class ShopNetwork {
  #server = createServer((till) => this.#carry(till));
  #sockets = new Set();
  #port;
  #day = 'good';
  #connections = 0;
  /** Resolves when a request has gone to the terminal. */
  heard;
  #tell;

  constructor(port) {
    this.#port = port;
    this.heard = new Promise((resolve) => (this.#tell = resolve));
  }

  set day(day) {
    this.#day = day;
    this.#connections = 0;
  }

  async listen() {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    return `127.0.0.1:${this.#server.address().port}`;
  }

  close() {
    this.#sockets.forEach((socket) => socket.destroy());
    this.#server.close();
  }

  #carry(till) {
    this.#connections += 1;
    const day = this.#connections === 1 && this.#day !== 'down' ? 'good' : this.#day;
    const paying = this.#connections > 1;
    this.#keep(till);
    if (day === 'down') return void till.resetAndDestroy();
    const terminal = connect(this.#port, '127.0.0.1');
    this.#keep(terminal);
    // The hello is one piece; with the next the till proves who it is, and asks.
    let pieces = 0;
    till.on('data', (chunk) => {
      pieces += 1;
      if (pieces === 2 && paying) this.#asked(till, day);
      terminal.write(chunk);
    });
    terminal.on('data', (chunk) => {
      if (day !== 'deaf' || pieces < 2) till.write(chunk);
    });
    till.on('close', () => terminal.destroy());
    terminal.on('close', () => day !== 'deaf' && till.destroy());
  }

  #asked(till, day) {
    this.#tell();
    // Whoever is answered at once is gone by then; who waits for a customer has the head of the answer.
    if (day === 'cut') setTimeout(() => till.resetAndDestroy(), CUT_AFTER_MS);
  }

  #keep(socket) {
    this.#sockets.add(socket);
    socket.on('error', () => {}).on('close', () => this.#sockets.delete(socket));
  }
}
