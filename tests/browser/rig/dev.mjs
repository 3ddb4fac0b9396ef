// Starts `vinr dev` on free ports in a directory of its own, speaks to its API, and ends it; nothing else is ever ended.

import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const ROOT = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../../..");
export const BINARY = process.env.VINR_BIN ?? path.join(ROOT, "target/debug/vinr");
const READY_MS = 60_000;
const SOON_MS = 20_000;

/** The platform under test. */
export class Dev {
  /** @param {string[]} more further words of the command line */
  static async start(...more) {
    const directory = await mkdtemp(path.join(tmpdir(), "vinr-browser-"));
    const free = ["--api-port", "0", "--link-port", "0", "--local-port", "0", "--page-port", "0"];
    const words = ["dev", "--json", "--data-dir", path.join(directory, "data"), ...free, "--rate-limits", "off"];
    const child = spawn(BINARY, [...words, ...more], { stdio: ["ignore", "pipe", "pipe"] });
    const dev = new Dev(child, directory);
    child.stderr.on("data", (text) => (dev.log += text));
    // A program that is not there writes nothing and never ends.
    child.on("error", (error) => {
      dev.log += error;
      child.stdout.destroy();
    });
    process.on("exit", () => child.kill("SIGKILL"));
    const lines = createInterface({ input: child.stdout });
    const late = setTimeout(() => child.kill("SIGKILL"), READY_MS);
    for await (const line of lines) {
      if (!line.startsWith("{")) continue;
      clearTimeout(late);
      dev.ready = JSON.parse(line);
      return dev;
    }
    throw new Error(`vinr dev did not get ready: ${dev.log}`);
  }

  constructor(child, directory) {
    Object.assign(this, { child, directory, log: "", ready: {} });
  }

  /** The terminal page. */
  get page() {
    return this.ready.terminalPage;
  }

  /** The reserved simulator. */
  get terminal() {
    return this.ready.terminalId;
  }

  /** A call of the API; its JSON, or an error with its status. */
  async call(method, place, body) {
    const headers = { authorization: `Bearer ${this.ready.secretKey}`, "content-type": "application/json" };
    const answer = await fetch(this.ready.api + place, { method, headers, body: body && JSON.stringify(body) });
    const said = await answer.json();
    if (!answer.ok) throw new Error(`${method} ${place}: ${answer.status} ${JSON.stringify(said)}`);
    return said;
  }

  /** Asks for a payment at a terminal, without waiting for it. */
  pay(fields = {}) {
    const order = { terminalId: this.terminal, amount: 4200, currency: "EUR", responseMode: "async", ...fields };
    return this.call("POST", "/v1/terminal/payments", order);
  }

  /** The payment once it is as wanted. */
  async payment(id, wanted) {
    let payment;
    await soon(async () => {
      payment = await this.call("GET", `/v1/terminal/payments/${id}`);
      return wanted(payment);
    }, () => `the payment: ${JSON.stringify(payment)}`);
    return payment;
  }

  /** All payments, newest first. */
  async payments() {
    return (await this.call("GET", "/v1/terminal/payments")).data;
  }

  /** Sets a terminal up, and waits until it has done so. */
  async configure(configuration, terminal = this.terminal) {
    await this.call("POST", `/v1/terminals/${terminal}/configure`, configuration);
    let config;
    await soon(async () => {
      config = await this.call("GET", `/v1/terminals/${terminal}/effective-config`);
      return JSON.stringify(config).includes('"in_sync"');
    }, () => `the configuration: ${JSON.stringify(config)}`);
  }

  async stop() {
    if (this.child.exitCode === null) {
      const ended = new Promise((done) => this.child.once("exit", done));
      this.child.kill("SIGTERM");
      await ended;
    }
    await rm(this.directory, { recursive: true, force: true });
  }
}

/** Waits until it is so. The world outside cannot be advanced, only asked. */
export async function soon(ask, what) {
  const until = Date.now() + SOON_MS;
  while (!(await ask())) {
    if (Date.now() > until) throw new Error(`not within ${SOON_MS} ms: ${what()}`);
    await new Promise((done) => setTimeout(done, 40));
  }
}
