// A day's work in two windows: the dashboard, and the terminal that a customer taps.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Seen, launch, open } from "../rig/browser.mjs";
import { Dev } from "../rig/dev.mjs";
import { following, joined, looksRight, signedIn } from "../rig/people.mjs";

let dev, browser, shop, counter, terminal;

before(async () => {
  [dev, browser] = await Promise.all([Dev.start(), launch()]);
  shop = await signedIn(browser, dev);
  counter = await open(browser, dev.page);
  terminal = new Seen(counter, dev.terminal);
  await terminal.shows("idle");
  await terminal.byHand();
});
after(async () => {
  await browser?.close();
  await dev?.stop();
});

const at = (path) => new URL(path, dev.ready.dashboard).href;

test("a payment that is tapped in the second window appears, and is refunded, without loading the page", async () => {
  await shop.goto(at("/dashboard/payments"));
  await following(shop);
  const { id } = await dev.pay({ amount: 4250, reference: "order_seen" });
  const row = shop.locator("tr", { hasText: "order_seen" });
  await row.locator(".status.pending").waitFor();
  await terminal.shows("prompt");
  await terminal.present("visa_approved", "Tap");
  await row.locator(".status.completed").waitFor();
  await row.getByRole("link").first().click();
  assert.match(await shop.locator("h1").innerText(), /42\.50 EUR/);
  await following(shop);
  await looksRight(shop, "selling-paid");
  await refunded(shop, "10.00");
  const payment = await dev.payment(id, (now) => now.amountRefunded === 1000);
  assert.equal(payment.status, "completed");
  await shop.getByText("10.00 EUR").first().waitFor();
});

test("a cashier cannot refund, and is told so", async () => {
  const cashier = await joined(browser, dev, shop, "cashier");
  const [payment] = await dev.payments();
  await cashier.goto(at(`/dashboard/payments/${payment.id}`));
  assert.equal(await cashier.getByRole("button", { name: /refund/i }).count(), 0);
  assert.equal(await cashier.getByRole("link", { name: "API keys" }).count(), 0);
  await cashier.goto(at("/dashboard/keys"));
  assert.match(await cashier.locator("h1").innerText(), /Not with your role/);
});

test("the pages speak the reader's language, and amounts are written as there", async () => {
  for (const [locale, entry, heading, amount] of [
    ["de-CH", "Zahlungen", "API-Schlüssel", /42\.50\sEUR/], ["fr-FR", "Paiements", "Clés API", /42,50\sEUR/],
    ["it-IT", "Pagamenti", "Chiavi API", /42,50\sEUR/], ["nl-NL", "Payments", "API keys", /42,50\sEUR/],
  ]) {
    const page = await signedIn(browser, dev, { path: "/dashboard/keys", locale });
    assert.equal(await page.locator("h1").innerText(), heading);
    await page.getByRole("link", { name: entry }).click();
    await page.waitForURL(/payments$/);
    assert.match(await page.locator("tbody").innerText(), amount);
    const lang = await page.locator("html").getAttribute("lang");
    assert.equal(lang, locale === "nl-NL" ? "en" : locale);
    await page.context().close();
  }
});

/** Gives back a part, over the page that asks whether that is meant. */
async function refunded(page, amount) {
  await page.getByRole("link", { name: /Refund/ }).click();
  await page.getByLabel(/Amount/).fill(amount);
  await page.getByRole("button", { name: "Continue" }).click();
  await page.getByRole("button", { name: /Give back/ }).click();
}
