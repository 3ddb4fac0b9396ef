// People who work in the dashboard: signed in, invited, and looking at pages that must look right.

import assert from "node:assert/strict";
import { picture, serious } from "./browser.mjs";

/** A page of the dashboard in a context of its own, for the owner of the sandbox. The link of `dev` is used by the first one. */
export async function signedIn(browser, dev, { path = "/dashboard", ...options } = {}) {
  const context = await fresh(browser, options);
  if (!dev.cookies) {
    const door = await context.newPage();
    await door.goto(dev.ready.dashboard);
    dev.cookies = await context.cookies();
    await door.close();
  }
  await context.addCookies(dev.cookies);
  return visited(context, new URL(path, dev.ready.dashboard).href);
}

/** Somebody new with a role, in a context of their own. `owner` is a page of the owner. */
export async function joined(browser, dev, owner, role, options = {}) {
  await owner.goto(new URL("/dashboard/people", dev.ready.dashboard).href);
  const form = owner.locator('form[action="/dashboard/people/invite"]');
  await form.locator('[name="email"]').fill(`${role}@shop.example`);
  await form.locator('[name="role"]').selectOption(role);
  await form.locator("button").click();
  const link = await owner.locator(".secret").innerText();
  const page = await visited(await fresh(browser, options), link);
  await page.locator('[name="name"]').fill(`A ${role}`);
  await page.locator('[name="password"]').fill("correct horse battery");
  await page.locator('form[action="/dashboard/invitation"] button').click();
  await page.waitForURL(/\/dashboard$/);
  return page;
}

async function fresh(browser, options) {
  return browser.newContext({ locale: "en-GB", viewport: { width: 1280, height: 900 }, ...options });
}

async function visited(context, url) {
  const page = await context.newPage();
  page.setDefaultTimeout(10_000);
  page.errors = [];
  page.on("pageerror", (error) => page.errors.push(String(error)));
  page.on("console", (message) => {
    if (message.type() === "error") page.errors.push(message.text());
  });
  await page.goto(url);
  return page;
}

/** Waits until the page follows the account's events by itself. */
export function following(page) {
  return page.locator("html[data-following]").waitFor();
}

/**
 * The page has nothing that axe calls serious, in light and in dark; it is not wider than a phone where it is shown on one;
 * and its console is silent. Pictures are kept where `VINR_PICTURES` says.
 */
export async function looksRight(page, name) {
  const shown = page.viewportSize();
  for (const scheme of ["light", "dark"]) {
    await page.emulateMedia({ colorScheme: scheme, reducedMotion: "reduce" });
    assert.deepEqual(await serious(page), [], `${name}, ${scheme}`);
    await picture(page, `${name}-${scheme}`);
  }
  await page.emulateMedia({ colorScheme: "light" });
  await page.setViewportSize({ width: 390, height: 844 });
  const [wide, narrow] = await page.evaluate(() => [document.documentElement.scrollWidth, window.innerWidth]);
  assert.ok(wide <= narrow, `${name} is ${wide} pixels wide on a phone of ${narrow}`);
  await picture(page, `${name}-phone`);
  await page.setViewportSize(shown);
  assert.deepEqual(page.errors, [], `${name}: the console`);
}
