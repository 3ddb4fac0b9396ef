// Payments as a person finds, reads, refunds and exports them.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { launch } from "../rig/browser.mjs";
import { Dev } from "../rig/dev.mjs";
import { looksRight, signedIn } from "../rig/people.mjs";

let browser;
let dev;

before(async () => {
  browser = await launch();
  dev = await Dev.start("--pace-ms", "40");
});

after(async () => {
  await browser?.close();
  await dev?.stop();
});

async function paid(amount, more = {}) {
  return dev.call("POST", "/v1/terminal/payments", {
    terminalId: dev.terminal, amount, currency: "EUR", responseMode: "sync", ...more,
  });
}

test("a payment is found, read, and given back in part, with every page as it should look", async () => {
  const made = await paid(4200, { reference: "table 12", description: "Two <b>coffees</b>" });
  await paid(900, { captureMethod: "manual" });
  const page = await signedIn(browser, dev, { path: "/dashboard/payments" });
  await looksRight(page, "payments");
  await page.locator("summary", { hasText: "Filters" }).click();
  await looksRight(page, "payments-filters");
  await page.locator("#q").fill("table 12");
  await page.keyboard.press("Enter");
  await page.waitForURL(/q=table/);
  assert.equal(await page.locator("table.lines tbody tr").count(), 1);
  await page.locator("table.lines tbody a").first().click();
  await page.locator(".timeline .captured").waitFor();
  await looksRight(page, "payment");
  await page.locator(".doing a", { hasText: "Refund" }).click();
  await page.locator("#amount").fill("100");
  await page.getByRole("button", { name: "Continue" }).click();
  await page.locator("#wrong").waitFor();
  assert.equal(await page.locator("#amount").inputValue(), "100");
  // The browser itself says that the page came with a 400.
  page.errors.length = 0;
  await looksRight(page, "refund-wrong");
  await page.locator("#amount").fill("12.50");
  await page.getByRole("button", { name: "Continue" }).click();
  await page.locator(".consequences").waitFor();
  assert.match(await page.locator(".consequences").innerText(), /12\.50 EUR will be given back/);
  await page.getByRole("button", { name: /Give back 12\.50/ }).click();
  await page.waitForURL(new RegExp(`${made.id}$`));
  await page.locator(".status.succeeded").waitFor();
});

test("an export is downloaded while its progress is shown", async () => {
  const page = await signedIn(browser, dev, { path: "/dashboard/exports/payments" });
  await looksRight(page, "export");
  const coming = page.waitForEvent("download");
  await page.locator("#download").click();
  const download = await coming;
  assert.match(download.suggestedFilename(), /^payments-test-[\d-]+\.csv$/);
  await page.locator("#outcome", { hasText: "Complete" }).waitFor();
  assert.notEqual(await page.locator("#done").innerText(), "0");
});
