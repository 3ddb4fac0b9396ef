// The same without JavaScript: plain forms, and pages that show what followed.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { launch, open, picture } from "../rig/browser.mjs";
import { Dev } from "../rig/dev.mjs";

let dev, browser, page;

before(async () => {
  [dev, browser] = await Promise.all([Dev.start(), launch()]);
  page = await open(browser, dev.page, { javaScriptEnabled: false });
});
after(async () => {
  await browser?.close();
  await dev?.stop();
});

const press = (name) => page.getByRole("button", { name, exact: true }).click();
const shows = (kind) => page.locator(`[data-screen="${kind}"]`).waitFor();

test("a payment by card and PIN, from the till to the receipt", async () => {
  await press("Be the customer");
  await page.getByText("You are the customer.").waitFor();
  await page.getByLabel("Amount", { exact: true }).fill("18.20");
  await page.getByLabel("Reference (optional)").fill("plain");
  await press("Charge");
  await shows("prompt");
  await page.getByLabel("Test card").selectOption("online_pin");
  await press("Insert");
  await shows("pin");
  assert.equal(await page.locator("[data-pad]").isVisible(), false, "a pad that cannot type is not shown");
  await page.getByLabel("PIN", { exact: true }).fill("1234");
  await picture(page, "plain-pin");
  await press("Confirm PIN");
  await shows("approved");
  assert.match(await page.locator(".sheet").first().innerText(), /18\.20/);
  const known = (await dev.payments()).find((payment) => payment.reference === "plain");
  assert.equal(known?.status, "completed");
  assert.doesNotMatch(page.url(), /1234/);
});

test("what had no effect is said", async () => {
  await page.getByLabel("Amount", { exact: true }).fill("0");
  await press("Charge");
  await page.getByRole("alert").getByText("Write an amount such as 42.00").waitFor();
});

test("power and internet are switched by forms too", async () => {
  await press("Cut the power");
  await shows("dark");
  await press("Switch on");
  await page.getByRole("link", { name: "Refresh", exact: true }).click();
  await page.locator('[data-screen="idle"], [data-screen="offline"]').waitFor();
});

test("the page refreshes by itself where somebody wants that", async () => {
  await page.getByRole("link", { name: "Refresh by itself every 3 seconds" }).click();
  // The power was just cut: the cloud sends nothing to a terminal that is not there.
  await shows("idle");
  const { id } = await dev.pay();
  await shows("prompt");
  await press("Cancel at the terminal");
  await shows("cancelled");
  assert.match(page.url(), /refresh=1/);
  await dev.payment(id, (payment) => payment.status.startsWith("cancel"));
});
