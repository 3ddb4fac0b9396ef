// A person pays on the terminal page: taps, is declined, types a PIN, tips, takes a receipt, cancels.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Seen, launch, open, picture } from "../rig/browser.mjs";
import { Dev } from "../rig/dev.mjs";

let dev, browser, page, terminal;
const failed = (payment) => payment.status === "failed";
const completed = (payment) => payment.status === "completed";

before(async () => {
  [dev, browser] = await Promise.all([Dev.start(), launch()]);
  page = await open(browser, dev.page);
  terminal = new Seen(page, dev.terminal);
  await terminal.shows("idle");
});
after(async () => {
  await browser?.close();
  await dev?.stop();
});

test("the simulated customer acts by itself until a person takes over", async () => {
  const { id } = await dev.pay({ reference: "automatic" });
  await terminal.shows("approved");
  await dev.payment(id, completed);
  await terminal.byHand();
  const mine = await dev.pay({ reference: "by_hand" });
  const words = await terminal.shows("prompt");
  assert.match(words, /Present your card[^]*€42\.00[^]*by_hand/);
  await picture(page, "prompt");
  await terminal.present("visa_approved", "Tap");
  assert.match(await terminal.shows("approved"), /Approved[^]*€42\.00[^]*•••• 4242/);
  const payment = await dev.payment(mine.id, completed);
  assert.equal(payment.entryMethod, "contactless");
});

test("a receipt for the merchant and one for the customer come out of the printer", async () => {
  const sheets = terminal.all.locator(".sheet");
  const before = await sheets.count();
  const { id } = await dev.pay({ amount: 1234 });
  await terminal.shows("prompt");
  await terminal.present("mastercard_approved", "Insert");
  await dev.payment(id, completed);
  await terminal.all.locator(`.sheet >> nth=${before + 1}`).waitFor();
  const texts = await sheets.allInnerTexts();
  assert.match(texts[0], /Customer copy/);
  assert.match(texts[1], /Merchant copy/);
  assert.match(texts[0], /12\.34/);
  assert.match(texts[0], /4444/);
  const address = await sheets.first().getByRole("link").getAttribute("href");
  const picture = await page.request.get(new URL(address, dev.page).href);
  assert.equal(picture.headers()["content-type"], "image/png");
  assert.equal((await picture.body()).subarray(1, 4).toString(), "PNG");
});

test("a declined card is declined, on the screen and in the cloud", async () => {
  const { id } = await dev.pay();
  await terminal.shows("prompt");
  await terminal.present("card_declined", "Swipe");
  assert.match(await terminal.shows("declined"), /Declined[^]*The issuer declined the card/);
  await picture(page, "declined");
  const payment = await dev.payment(id, failed);
  assert.equal(payment.declineCode ?? payment.decline?.code ?? payment.error?.code, "card_declined");
});

test("the right PIN, typed on the pad, is approved", async () => {
  const { id } = await dev.pay({ amount: 900 });
  await terminal.shows("prompt");
  await terminal.present("online_pin", "Insert");
  await terminal.shows("pin");
  await picture(page, "pin");
  for (const key of ["1", "2", "9"]) await terminal.press(key);
  await terminal.press("Clear");
  for (const key of ["1", "2", "3", "4"]) await terminal.press(key);
  await terminal.press("Confirm PIN");
  await terminal.shows("approved");
  const payment = await dev.payment(id, completed);
  assert.equal(payment.entryMethod, "chip");
});

test("a wrong PIN, typed on the keyboard alone, is declined; one that is none is asked for again", async () => {
  const { id } = await dev.pay({ amount: 901 });
  await terminal.shows("prompt");
  await terminal.all.getByLabel("Test card").selectOption("online_pin");
  await terminal.all.getByRole("button", { name: "Insert", exact: true }).focus();
  await page.keyboard.press("Enter");
  await terminal.shows("pin");
  // The keyboard is where the PIN goes, without a search for it.
  await page.waitForFunction((pin) => document.activeElement?.id === pin, `${dev.terminal}-pin`);
  await page.keyboard.type("12");
  await page.keyboard.press("Enter");
  assert.equal(await page.locator("input.pin").inputValue(), "12", "the browser holds back what is too short");
  await page.keyboard.type("99");
  await page.keyboard.press("Enter");
  assert.match(await terminal.shows("declined"), /The PIN is wrong/);
  const payment = await dev.payment(id, failed);
  assert.match(JSON.stringify(payment), /incorrect_pin/);
});

test("a card is not read in a way in which it cannot be", async () => {
  const { id } = await dev.pay({ amount: 902 });
  await terminal.shows("prompt");
  await terminal.present("online_pin", "Swipe");
  await page.getByText("This card cannot be read in this way.").waitFor();
  await terminal.shows("prompt");
  await terminal.press("Cancel at the terminal");
  await terminal.shows("cancelled");
  await dev.payment(id, (payment) => payment.status === "cancelled" || payment.status === "canceled");
});

test("the customer tips, by a suggestion and by an amount of their own", async () => {
  await dev.configure({ tip: { mode: "percentage", suggestions: [10, 20], allowCustom: true } });
  const first = await dev.pay({ amount: 5000 });
  assert.match(await terminal.shows("tip"), /€50\.00/);
  await picture(page, "tip");
  await terminal.press("20 % – €10.00");
  assert.match(await terminal.shows("prompt"), /€60\.00/);
  await terminal.present("visa_approved", "Tap");
  const tipped = await dev.payment(first.id, completed);
  assert.match(JSON.stringify(tipped), /1000/);
  assert.equal(tipped.amountCaptured, 6000);
  const second = await dev.pay({ amount: 5000 });
  await terminal.shows("tip");
  await terminal.all.getByLabel("Another tip").fill("1,25");
  await terminal.press("Give this tip");
  assert.match(await terminal.shows("prompt"), /€51\.25/);
  await terminal.press("Cancel at the terminal");
  await dev.payment(second.id, (payment) => payment.status.startsWith("cancel"));
  await dev.configure({ tip: null });
});

test("the customer chooses how to get the receipt", async () => {
  await dev.configure({ receipt: { channels: ["print", "email"], requireConsent: true } });
  const sheets = terminal.all.locator(".sheet");
  const { id } = await dev.pay({ amount: 777 });
  await terminal.shows("prompt");
  await terminal.present("visa_approved", "Tap");
  await terminal.shows("receipt");
  assert.match(await sheets.first().innerText(), /Merchant copy/);
  await terminal.press("On paper");
  await terminal.shows("approved");
  await terminal.all.locator(".sheet:first-child .copy", { hasText: "Customer copy" }).waitFor();
  assert.match(await sheets.first().innerText(), /7\.77/);
  await dev.payment(id, completed);
  await dev.configure({ receipt: null });
});

test("a till on the page charges, with what is bought on the screen", async () => {
  await terminal.charge("12.50", { item: "Two coffees", reference: "table_4", currency: "EUR" });
  assert.match(await terminal.shows("prompt"), /€12\.50[^]*table_4[^]*Two coffees/);
  await terminal.present("visa_approved", "Tap");
  await terminal.shows("approved");
  const known = (await dev.payments()).find((payment) => payment.reference === "table_4");
  assert.equal(known?.status, "completed");
  await terminal.all.getByLabel("Amount", { exact: true }).fill("12.505");
  await terminal.press("Charge");
  await page.getByText("Write an amount such as 42.00").waitFor();
});

test("nothing went wrong in the browser, and no PIN is anywhere", async () => {
  assert.deepEqual(page.errors, []);
  assert.doesNotMatch(await page.content(), /value="1234"/);
  assert.doesNotMatch(dev.log, /1234|1299/);
});
