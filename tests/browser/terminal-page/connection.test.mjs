// What a person can take away from a terminal: the internet, the shop's network, its paper, its power. The truth stays.

import assert from "node:assert/strict";
import net from "node:net";
import { after, before, test } from "node:test";
import { Seen, launch, open, picture } from "../rig/browser.mjs";
import { Dev, soon } from "../rig/dev.mjs";

let dev, browser, page, terminal;
const completed = (payment) => payment.status === "completed";

before(async () => {
  // An issuer whose silence is noticed soon: one of the cards answers late.
  [dev, browser] = await Promise.all([Dev.start("--acquirer-answer-ms", "2500"), launch()]);
  page = await open(browser, dev.page);
  terminal = new Seen(page, dev.terminal);
  await terminal.shows("idle");
  await terminal.byHand();
});
after(async () => {
  await browser?.close();
  await dev?.stop();
});

test("without the internet payments are approved offline, wait, and are uploaded when it is back", async () => {
  await dev.configure({ offlineMode: { enabled: true, maxAmount: 20000, maxQueue: 5 } });
  await terminal.press("Cut the internet");
  await terminal.shows("offline");
  await terminal.all.getByText("No connection to the cloud", { exact: true }).waitFor();
  for (const [amount, reference] of [["31.00", "off_1"], ["11.50", "off_2"]]) {
    await terminal.charge(amount, { reference });
    await terminal.shows("prompt");
    await terminal.present("visa_approved", "Tap");
    assert.match(await terminal.shows("approved-offline"), /Approved offline/);
  }
  await terminal.all.locator("[data-count]", { hasText: /^2$/ }).waitFor();
  const queue = await page.locator(`#${dev.terminal}-queue`).innerText();
  assert.match(queue, /\$42\.50/);
  assert.match(queue, /\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC/);
  await picture(page, "offline-queue");
  assert.equal((await dev.payments()).filter((payment) => payment.reference?.startsWith("off_")).length, 0);

  await terminal.press("Restore the internet");
  await page.locator(`#${dev.terminal}-queue [data-count="0"]`).waitFor({ timeout: 20_000 });
  for (const reference of ["off_1", "off_2"]) {
    let known;
    await soon(async () => {
      known = (await dev.payments()).find((payment) => payment.reference === reference);
      return known?.status === "completed";
    }, () => `${reference}: ${JSON.stringify(known)}`);
    assert.equal(known.offline, true);
  }
});

test("beyond the limits nothing is approved offline, and nothing was charged", async () => {
  await terminal.press("Cut the internet");
  await terminal.all.getByText("No connection to the cloud", { exact: true }).waitFor();
  await terminal.charge("500.00");
  await terminal.shows("prompt");
  await terminal.present("visa_approved", "Tap");
  assert.match(await terminal.shows("declined"), /Beyond what the terminal may approve offline/);
  await terminal.press("Restore the internet");
  await terminal.all.getByText("Connected to the cloud").waitFor({ timeout: 20_000 });
});

test("the power goes while a card is asked for: the payment waits, and is charged once", async () => {
  const { id } = await dev.pay({ reference: "cut_at_prompt" });
  await terminal.shows("prompt");
  await terminal.press("Cut the power");
  assert.match(await terminal.shows("dark"), /No power/);
  await picture(page, "no-power");
  await terminal.press("Switch on");
  // The cloud says its command again, and the terminal asks again.
  await terminal.shows("prompt");
  await terminal.present("visa_approved", "Tap");
  await terminal.shows("approved");
  const payment = await dev.payment(id, completed);
  assert.equal(payment.amountCaptured, 4200);
  assert.equal((await dev.payments()).filter((other) => other.reference === "cut_at_prompt").length, 1);
});

test("the power goes while the issuer is asked: afterwards everybody knows the same", async () => {
  const { id } = await dev.pay({ reference: "cut_at_issuer", amount: 3300 });
  await terminal.shows("prompt");
  await terminal.present("issuer_late", "Insert");
  await terminal.shows("authorizing");
  await terminal.press("Cut the power");
  await terminal.shows("dark");
  await terminal.press("Switch on");
  // The issuer approved late; an inquiry has found it, and the terminal asks how its request ended.
  const payment = await dev.payment(id, completed);
  assert.equal(payment.amountCaptured, 3300);
  assert.match(await terminal.shows("approved"), /€33\.00/);
  await terminal.all.locator(".sheet").first().getByText(/33\.00/).waitFor();
});

test("without the shop's network tills do not reach the terminal; with it they do, where it was", async () => {
  const { hostname, port } = new URL(dev.ready.local);
  const reached = () => new Promise((done) => {
    const socket = net.connect(Number(port), hostname, () => done(true) ?? socket.destroy()).on("error", () => done(false));
  });
  assert.equal(await reached(), true);
  await terminal.press("Unplug the network");
  await terminal.all.getByText("Tills do not reach it").waitFor();
  await soon(async () => !(await reached()), () => "the listener is still there");
  await terminal.press("Plug the network in");
  await terminal.all.getByText(dev.ready.local).waitFor();
  assert.equal(await reached(), true);
});

test("without paper nothing is printed, and the payment stands", async () => {
  const sheets = terminal.all.locator(".sheet");
  await terminal.press("Take the paper out");
  await terminal.press("Print the last receipt again");
  await page.getByText("There is no paper.").waitFor();
  const before = await sheets.first().getAttribute("data-sheet");
  await terminal.press("Put paper in");
  await terminal.press("Print the last receipt again");
  await page.locator(`[data-sheet="${Number(before) + 2}"]`).waitFor();
});

test("nothing went wrong in the browser", () => assert.deepEqual(page.errors, []));
