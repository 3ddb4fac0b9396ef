// The overview and the pages for whoever runs the server, in a browser that follows by itself.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { launch } from "../rig/browser.mjs";
import { Dev } from "../rig/dev.mjs";
import { following, joined, looksRight, signedIn } from "../rig/people.mjs";

let dev, browser, page;

before(async () => {
  [dev, browser] = await Promise.all([Dev.start(), launch()]);
  page = await signedIn(browser, dev);
});
after(async () => {
  await browser?.close();
  await dev?.stop();
});

const at = (place) => new URL(place, dev.ready.dashboard).href;
const card = (name) => page.locator(".figures li", { hasText: name }).locator("strong");
const paid = (fields) => dev.call("POST", "/v1/terminal/payments", {
  terminalId: dev.terminal, amount: 4200, currency: "EUR", responseMode: "sync", ...fields,
});

test("without a payment the overview is whole", async () => {
  await page.goto(at("/dashboard"));
  assert.equal(await card("payments today").innerText(), "0");
  await looksRight(page, "overview-empty");
});

test("a payment appears in figures and charts by itself, and what is open stays open", async () => {
  await page.goto(at("/dashboard"));
  const table = page.locator("figure", { hasText: "Taken in 30 days" }).locator("details");
  await table.locator("summary").click();
  await following(page);
  await paid();
  await card("taken today").getByText("42.00 EUR").waitFor();
  await table.locator("tr", { hasText: "42.00 EUR" }).waitFor();
  assert.ok(await table.evaluate((details) => details.open), "the table is still open");
  const chart = page.getByRole("img", { name: "Taken in 30 days, EUR" });
  assert.equal(await chart.locator("rect").count(), 30);
  const tallest = await chart.locator("rect").evaluateAll((bars) => bars.filter((bar) => bar.getBoundingClientRect().height > 2).length);
  assert.equal(tallest, 1, "one day has something");
});

test("a currency is chosen, a reason is told, and everything looks right", async () => {
  await paid({ amount: 500_000, currency: "JPY" });
  await dev.call("POST", "/v1/terminal/payments?simulateCard=4000000000000002", {
    terminalId: dev.terminal, amount: 900, currency: "EUR", responseMode: "sync",
  });
  await page.getByRole("img", { name: "Why payments failed in 30 days" }).getByText("card declined").first().waitFor();
  await page.goto(at("/dashboard"));
  await page.getByRole("link", { name: "JPY", exact: true }).click();
  assert.equal(await card("taken today").innerText(), "500,000 JPY");
  await looksRight(page, "overview");
  const german = await signedIn(browser, dev, { locale: "de-CH" });
  await german.getByText("heute eingenommen").waitFor();
  await looksRight(german, "overview-german");
});

test("whoever runs the server sees it, stops an account, and reads who did it", async () => {
  await page.goto(at("/dashboard"));
  await page.getByRole("link", { name: "Operation" }).click();
  await page.getByText("POST /v1/terminal/payments", { exact: true }).waitFor();
  await looksRight(page, "operation");
  await page.getByRole("navigation", { name: "Sections" }).getByRole("link", { name: "Accounts" }).click();
  await page.getByLabel("Name").fill("Second shop");
  await page.getByRole("button", { name: "Open", exact: true }).click();
  page.once("dialog", (dialog) => dialog.accept());
  await page.getByRole("button", { name: "Stop Second shop" }).click();
  await page.getByRole("button", { name: "Let go on Second shop" }).waitFor();
  await looksRight(page, "accounts");
  await page.goto(at("/dashboard/operator/audit-log"));
  await page.getByText("account.operated").waitFor();
  await page.locator("summary", { hasText: "Show" }).first().click();
  await looksRight(page, "audit-log");
});

test("for everybody else there is nothing", async () => {
  const other = await joined(browser, dev, page, "owner");
  assert.equal(await other.getByRole("link", { name: "Operation" }).count(), 0);
  const answer = await other.goto(at("/dashboard/operator"));
  assert.equal(answer.status(), 404);
});
