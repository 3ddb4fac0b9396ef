// One terminal and a whole location in a browser: panels that follow the device by themselves, keys that are downloaded, and
// settings that are set here or left to the wider level.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, test } from "node:test";
import { launch } from "../rig/browser.mjs";
import { Dev } from "../rig/dev.mjs";
import { following, looksRight, signedIn } from "../rig/people.mjs";

let dev, browser, page;

before(async () => {
  [dev, browser] = await Promise.all([Dev.start("--external", "term_away"), launch()]);
  page = await signedIn(browser, dev);
  page.on("dialog", (dialog) => dialog.accept());
});
after(async () => {
  await browser?.close();
  await dev?.stop();
});

const at = (path) => new URL(path, dev.ready.dashboard).href;
const panel = (name) => page.getByRole("navigation", { name: "About this terminal" }).getByRole("link", { name });

async function idleText(text) {
  await page.getByLabel("Text on the idle screen: who decides").selectOption("own");
  await page.getByLabel("Text on the idle screen", { exact: true }).fill(text);
}

test("whoever follows the documents finds each panel under its name, and each looks right", async () => {
  await page.getByRole("link", { name: "Terminals", exact: true }).click();
  await looksRight(page, "terminals");
  await page.getByRole("link", { name: dev.terminal }).click();
  for (const name of ["Overview", "Network", "Connectivity", "Local API", "Integrations", "Configuration"]) {
    await panel(name).click();
    await looksRight(page, `terminal-${name.toLowerCase().replace(" ", "-")}`);
  }
});

test("Local mode goes off on the device while the page is looked at", async () => {
  await page.goto(at(`/dashboard/terminals/${dev.terminal}/connectivity`));
  await page.getByRole("button", { name: "Disable Local mode" }).click();
  await following(page);
  const local = page.locator('[data-live="local"]');
  await local.getByText("in force").waitFor();
  await local.getByRole("button", { name: "Enable Local mode" }).click();
  await local.getByText("in force").waitFor();
});

test("a client certificate is downloaded, and gone with the page", async () => {
  await page.goto(at(`/dashboard/terminals/${dev.terminal}/local-api`));
  await page.getByLabel("Name of the till").fill("Till 3");
  await page.getByRole("button", { name: "Generate client certificate" }).click();
  assert.match(await page.locator("#passphrase").innerText(), /\S{12,}/);
  await looksRight(page, "terminal-certificate-made");
  const [file] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: "Download the .p12 file" }).click()]);
  assert.match(file.suggestedFilename(), /\.p12$/);
  assert.equal((await readFile(await file.path()))[0], 0x30);
  await page.goto(at(`/dashboard/terminals/${dev.terminal}/local-api`));
  assert.equal(await page.locator("#passphrase").count(), 0);
  await page.getByRole("cell", { name: "Till 3", exact: true }).waitFor();
});

test("a setting is set here, and a mistake is said at its field", async () => {
  await page.goto(at(`/dashboard/terminals/${dev.terminal}/configuration`));
  await idleText("Welcome");
  await page.getByLabel("Most for one payment").fill("fifty");
  await page.getByRole("button", { name: "Save" }).click();
  await page.locator(".amiss").waitFor();
  assert.equal(await page.getByLabel("Text on the idle screen", { exact: true }).inputValue(), "Welcome");
  page.errors.length = 0; // A form that is not taken is an answer like any other, and an error to the console.
  await looksRight(page, "terminal-configuration-wrong");
  await page.getByLabel("Most for one payment").fill("50");
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByText("“Welcome”").waitFor();
  await page.locator('[data-live="standing"]').getByText("applied").waitFor();
});

test("a location is configured at once, and each terminal is seen to have it", async () => {
  const { id } = await dev.call("POST", "/v1/locations", { displayName: "Arena" });
  for (const name of ["Gate 1", "Gate 2"]) await dev.call("POST", "/v1/test/terminals", { displayName: name, locationId: id });
  await dev.call("POST", "/v1/terminals/term_away", { locationId: id, displayName: "Spare" });
  await page.goto(at(`/dashboard/locations/${id}/configuration`));
  await following(page);
  const row = (name) => page.locator("tr", { hasText: name });
  for (const name of ["Gate 1", "Gate 2"]) await row(name).getByText("applied").waitFor();
  await idleText("Match day");
  await page.getByRole("button", { name: "Save for all terminals here" }).click();
  for (const name of ["Gate 1", "Gate 2"]) await row(name).getByText("applied").waitFor();
  await row("Spare").getByText("waiting").waitFor();
  await looksRight(page, "location-configuration");
  await page.goto(at(`/dashboard/locations/${id}`));
  await looksRight(page, "location");
  await page.goto(at("/dashboard/configuration"));
  await looksRight(page, "account-configuration");
});
