// Terminals that come, are told things and go, in a browser that follows by itself.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import { after, before, test } from "node:test";
import { launch } from "../rig/browser.mjs";
import { BINARY, Dev } from "../rig/dev.mjs";
import { following, looksRight, signedIn } from "../rig/people.mjs";

let dev, browser, page, home;
const devices = [];

before(async () => {
  home = await mkdtemp(path.join(tmpdir(), "vinr-devices-"));
  [dev, browser] = await Promise.all([Dev.start(), launch()]);
  page = await signedIn(browser, dev);
});
after(async () => {
  for (const device of devices) device.kill("SIGKILL");
  await browser?.close();
  await dev?.stop();
  await rm(home, { recursive: true, force: true });
});

const at = (place) => new URL(place, dev.ready.dashboard).href;
const panel = (name) => at(`/dashboard/terminals/${dev.terminal}/${name}`);

/** Switches a device on that nobody owns. */
function device(name) {
  const words = ["terminal", "--data", path.join(home, name), "--pair", dev.ready.api, "--pace-ms", "40"];
  const child = spawn(BINARY, words, { stdio: ["ignore", "pipe", "ignore"] });
  child.stdout.on("data", () => {});
  devices.push(child);
  return child;
}

/** The code on its screen. */
async function codeOf(child) {
  for await (const line of createInterface({ input: child.stdout })) {
    const code = line.match(/^\s*(ACT-[0-9A-Z]{4}-[0-9A-Z]{4})\s*$/);
    if (code) return code[1];
  }
  throw new Error("no code");
}

test("a device that comes later is seen coming", async () => {
  const child = device("later");
  const code = await codeOf(child);
  child.kill("SIGKILL");
  await page.goto(at("/dashboard/hardware/add-terminal"));
  await looksRight(page, "hardware-add");
  await page.getByLabel("Activation code").fill(code);
  await page.getByLabel("Name").fill("Counter 9");
  await page.getByRole("button", { name: "Add terminal" }).click();
  await page.getByText("Waiting for the device").waitFor();
  await looksRight(page, "hardware-waiting");
  await following(page);
  // Its power comes back: it goes on with the same code.
  device("later");
  await page.getByText("Connected.").waitFor();
  await looksRight(page, "hardware-connected");
});

test("a test terminal is made and shown on its screen", async () => {
  await page.goto(at("/dashboard/hardware/add-test-terminal"));
  await looksRight(page, "hardware-add-test");
  await page.getByLabel("Model", { exact: true }).selectOption("nexgo_n86pro");
  await page.getByLabel("Name").fill("Waiter");
  await page.getByRole("button", { name: "Add test terminal" }).click();
  await page.getByText("Connected.").waitFor();
  await page.getByRole("link", { name: "Open its screen" }).click();
  await page.waitForURL((url) => url.href.startsWith(dev.page) && url.hash.startsWith("#term_"));
  const article = page.locator(page.url().slice(page.url().indexOf("#")));
  assert.match(await article.innerText(), /Waiter|N86Pro/i);
});

test("a restart is asked about, and its end appears by itself", async () => {
  await page.goto(panel("actions"));
  await following(page);
  await looksRight(page, "hardware-actions");
  await page.locator("summary", { hasText: "Restart" }).click();
  await page.getByRole("button", { name: /Yes, do it now.*Restart/ }).click();
  const row = page.locator("tr", { hasText: "Restart" }).first();
  await row.locator(".status.completed").waitFor();
});

test("a flush is told by itself, and every panel looks right", async () => {
  await page.goto(panel("offline"));
  await following(page);
  await page.getByRole("button", { name: /^Flush/ }).click();
  await page.locator('[data-live="queue"] .status.completed').waitFor();
  await looksRight(page, "hardware-offline");
  for (const name of ["events", "receipts", "retire"]) {
    await page.goto(panel(name));
    await looksRight(page, `hardware-${name}`);
  }
});

test("a receipt is as wide as its paper, and nothing else is printed", async () => {
  const { id } = await dev.pay({ reference: "receipt_seen" });
  await dev.payment(id, (now) => now.status === "completed");
  await page.goto(panel(`receipts/${id}?columns=32`));
  await looksRight(page, "hardware-receipt");
  const lines = (await page.locator(".paper").first().innerText()).trimEnd().split("\n");
  assert.equal(Math.max(...lines.map((line) => line.length)), 32);
  await page.emulateMedia({ media: "print" });
  for (const hidden of [".top", ".menu", ".panels", "h1"]) {
    assert.equal(await page.locator(hidden).first().isVisible(), false, `${hidden} is printed`);
  }
  assert.equal(await page.locator(".paper").count(), 2);
  await page.emulateMedia({ media: "screen" });
});

test("certificates and requests look right", async () => {
  await page.goto(at("/dashboard/certificates"));
  await looksRight(page, "hardware-certificates");
  await page.goto(at("/dashboard/requests"));
  await looksRight(page, "hardware-requests");
  await page.locator("td.path a").first().click();
  await page.getByText("The bodies of requests and answers are not kept.").waitFor();
  await looksRight(page, "hardware-request");
});
