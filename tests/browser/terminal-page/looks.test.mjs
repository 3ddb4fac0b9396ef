// For everybody: axe finds nothing serious, in light and dark, on a desk and on a phone; words and amounts by language.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Seen, launch, open, picture, serious } from "../rig/browser.mjs";
import { Dev } from "../rig/dev.mjs";

const MODELS = ["nexgo_ct20", "nexgo_ct20p", "nexgo_n92", "nexgo_n86pro", "ciontek_cm30"];
const PHONE = { width: 390, height: 844 };
let dev, browser;

before(async () => {
  [dev, browser] = await Promise.all([Dev.start(), launch()]);
  for (const model of MODELS) await dev.call("POST", "/v1/test/terminals", { model });
});
after(async () => {
  await browser?.close();
  await dev?.stop();
});

/** Nothing is wider than the window. */
async function fits(page) {
  const [wide, window] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
  assert.ok(wide <= window, `${wide} px in a window of ${window} px`);
}

for (const colorScheme of ["light", "dark"]) {
  test(`every state is readable and operable by all, ${colorScheme}`, async () => {
    // axe writes into the document, which the page's own policy forbids to everybody else.
    const page = await open(browser, dev.page, { colorScheme, bypassCSP: true, reducedMotion: "reduce" });
    const terminal = new Seen(page, dev.terminal);
    assert.equal(await page.locator("article").count(), MODELS.length + 1);
    const check = async (state) => assert.deepEqual(await serious(page), [], `${state}, ${colorScheme}`);
    await terminal.shows("idle");
    await check("idle");
    await picture(page, `models-${colorScheme}`);
    await terminal.byHand();
    await dev.configure({ tip: { mode: "fixed", suggestions: [100, 200], allowCustom: true } });
    await dev.pay({ reference: colorScheme });
    await terminal.shows("tip");
    await check("tip");
    await terminal.press("€1.00");
    await terminal.shows("prompt");
    await check("prompt");
    await terminal.present("online_pin", "Insert");
    await terminal.shows("pin");
    await check("pin");
    await page.locator("input.pin").fill("1234");
    await terminal.press("Confirm PIN");
    await terminal.shows("approved");
    await check("approved, with receipts");
    await picture(page, `approved-${colorScheme}`);
    await terminal.press("Cut the power");
    await terminal.shows("dark");
    await check("no power");
    await terminal.press("Switch on");
    await terminal.shows("idle");
    await terminal.press("Let the simulated customer act");
    assert.deepEqual(page.errors, []);
    await page.context().close();
  });

  test(`a phone is wide enough, ${colorScheme}`, async () => {
    const page = await open(browser, dev.page, { colorScheme, viewport: PHONE, bypassCSP: true, reducedMotion: "reduce" });
    await new Seen(page, dev.terminal).shows("idle");
    await fits(page);
    assert.deepEqual(await serious(page), []);
    await picture(page, `phone-${colorScheme}`);
    await page.context().close();
  });
}

test("in German, with German amounts, as the browser asks or as somebody chooses", async () => {
  const page = await open(browser, dev.page, { locale: "de-AT" });
  const terminal = new Seen(page, dev.terminal);
  assert.equal(await page.locator("html").getAttribute("lang"), "de");
  await dev.configure({ tip: null });
  await terminal.press("Selbst Kundschaft sein");
  await dev.pay({ amount: 123456 });
  assert.match(await terminal.shows("prompt"), /Karte bitte[^]*1\.234,56\s€/);
  await terminal.press("Am Terminal abbrechen");
  assert.match(await terminal.shows("cancelled"), /Abgebrochen/);
  await page.getByRole("link", { name: "EN", exact: true }).click();
  await page.locator("html[data-live][lang=en]").waitFor();
  // The choice is kept, and the live page follows it.
  await page.goto(dev.page);
  await page.locator("html[data-live][lang=en]").waitFor();
  await terminal.press("Let the simulated customer act");
  await terminal.all.getByRole("button", { name: "Be the customer" }).waitFor();
  await page.context().close();
});

test("the whole of a payment with the keyboard alone", async () => {
  const page = await open(browser, dev.page);
  const terminal = new Seen(page, dev.terminal);
  const reach = async (locator, by = "Tab") => {
    for (let presses = 0; presses < 60; presses += 1) {
      if (await locator.evaluate((wanted) => wanted === document.activeElement)) return;
      await page.keyboard.press(by);
    }
    assert.fail("not reached by Tab");
  };
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await page.waitForURL(/#terminals$/);
  await reach(terminal.all.getByRole("button", { name: "Be the customer" }));
  await page.keyboard.press("Enter");
  await terminal.all.getByText("You are the customer.").waitFor();
  await reach(terminal.all.getByRole("button", { name: "Charge" }));
  await page.keyboard.press("Enter");
  await terminal.shows("prompt");
  await reach(terminal.all.getByLabel("Test card"), "Shift+Tab");
  await page.keyboard.press("Home");
  await reach(terminal.all.getByRole("button", { name: "Tap", exact: true }));
  await page.keyboard.press("Space");
  await terminal.shows("approved");
  assert.deepEqual(page.errors, []);
  await page.context().close();
});
