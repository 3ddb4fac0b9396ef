// The browser: Debian's chromium, fresh for each suite, with every error of its console collected.

import { mkdir } from "node:fs/promises";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { chromium } from "playwright-core";

const CHROMIUM = process.env.CHROMIUM ?? "/usr/bin/chromium";
const FLAGS = [
  "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync",
];
const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
/** What WCAG 2.2 AA is made of. */
const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];

/** Starts it. */
export function launch() {
  return chromium.launch({ executablePath: CHROMIUM, headless: true, args: FLAGS });
}

/** A page in a context of its own; what its console calls an error is in `errors`. */
export async function open(browser, url, options = {}) {
  const context = await browser.newContext({ locale: "en-GB", viewport: { width: 1280, height: 900 }, ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(10_000);
  page.errors = [];
  page.on("pageerror", (error) => page.errors.push(String(error)));
  page.on("console", (message) => {
    // A refused act is an answer like any other to the page, and an error to the console.
    if (message.type() === "error" && !message.text().includes("409")) page.errors.push(message.text());
  });
  page.on("dialog", (dialog) => {
    page.errors.push(`a dialog opened: ${dialog.message()}`);
    return dialog.dismiss();
  });
  if (options.javaScriptEnabled === false) await page.goto(url);
  else {
    await page.goto(url);
    await page.locator("html[data-live]").waitFor();
  }
  return page;
}

/** What axe finds that is serious or critical, in words; none is the aim. The policy of the page stays in force. */
export async function serious(page) {
  const session = await page.context().newCDPSession(page);
  await session.send("Runtime.evaluate", { expression: AXE });
  const { result } = await session.send("Runtime.evaluate", {
    expression: `axe.run(document, { runOnly: ${JSON.stringify(RULES)} }).then((found) => JSON.stringify(found.violations))`,
    awaitPromise: true,
    returnByValue: true,
  });
  await session.detach();
  const violations = JSON.parse(result.value);
  return violations
    .filter((violation) => ["serious", "critical"].includes(violation.impact))
    .map(({ id, nodes }) => `${id}: ${nodes.slice(0, 3).map((node) => node.html.slice(0, 160)).join(" | ")}`);
}

/** Keeps a picture where pictures are wanted. */
export async function picture(page, name) {
  const directory = process.env.VINR_PICTURES;
  if (!directory) return;
  await mkdir(directory, { recursive: true });
  await page.screenshot({ path: path.join(directory, `${name}.png`), fullPage: true });
}

/** A terminal on the page, as a person sees it. */
export class Seen {
  constructor(page, id) {
    this.page = page;
    this.id = id;
    this.all = page.locator(`article#${id}`);
  }

  /** Waits for a kind of screen, and returns its words. */
  async shows(kind) {
    const glass = this.all.locator(`[data-screen="${kind}"]`);
    await glass.waitFor();
    return glass.innerText();
  }

  press(name) {
    return this.all.getByRole("button", { name, exact: true }).click();
  }

  async byHand() {
    await this.press("Be the customer");
    await this.all.getByText("You are the customer.").waitFor();
  }

  /** Presents a test card: "Tap", "Insert" or "Swipe". */
  async present(card, way) {
    await this.all.getByLabel("Test card").selectOption(card);
    await this.press(way);
  }

  async charge(amount, fields = {}) {
    await this.all.getByLabel("Amount", { exact: true }).fill(amount);
    await this.all.getByLabel("Currency").selectOption(fields.currency ?? "USD");
    await this.all.getByLabel("Item (optional)").fill(fields.item ?? "");
    await this.all.getByLabel("Reference (optional)").fill(fields.reference ?? "");
    await this.press("Charge");
  }
}
