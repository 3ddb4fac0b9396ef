// Others who would like to press the keys: scripts in what people write, other pages, other names for this machine. And
// several terminals side by side, each of which is pressed alone.

import assert from "node:assert/strict";
import http from "node:http";
import { after, before, test } from "node:test";
import { Seen, launch, open } from "../rig/browser.mjs";
import { Dev } from "../rig/dev.mjs";

/** Texts that run where they are taken for anything but text. */
const CORPUS = [
  "<script>alert(1)</script>",
  "<img src=x onerror=alert(2)>",
  "\"><svg onload=alert(3)>",
  "'><iframe srcdoc='<script>parent.alert(4)</script>'>",
  "</p><script>alert(5)</script>",
  "<a href=javascript:alert(6) autofocus onfocus=alert(6)>x</a>",
  "{{7*7}}${7*7}<%= 7*7 %>",
  "<style>*{display:none}</style>",
  "<form action=//evil.example><button>pay</button></form>",
  "\u202Eevil<b>bold</b>&lt;b&gt;",
];
let dev, browser, page;

before(async () => {
  [dev, browser] = await Promise.all([Dev.start("--terminal", "term_counter_2", "--terminal", "term_counter_3"), launch()]);
  page = await open(browser, dev.page);
});
after(async () => {
  await browser?.close();
  await dev?.stop();
});

/** One request, exactly as written. */
function send(method, place, headers = {}, body = "") {
  const { hostname, port } = new URL(dev.page);
  return new Promise((done, fail) => {
    const asked = http.request({ hostname, port, method, path: place, headers: { "content-length": Buffer.byteLength(body), ...headers } });
    asked.on("response", async (answer) => {
      let text = "";
      for await (const piece of answer) text += piece;
      done({ status: answer.statusCode, headers: answer.headers, text });
    });
    asked.on("error", fail);
    asked.end(body);
  });
}

test("several terminals stand side by side, and each is pressed alone", async () => {
  const [second, third] = [new Seen(page, "term_counter_2"), new Seen(page, "term_counter_3")];
  await Promise.all([second.byHand(), third.byHand()]);
  const a = await dev.pay({ terminalId: "term_counter_2", amount: 200 });
  const b = await dev.pay({ terminalId: "term_counter_3", amount: 300 });
  assert.match(await second.shows("prompt"), /€2\.00/);
  assert.match(await third.shows("prompt"), /€3\.00/);
  await third.present("amex_approved", "Tap");
  await third.shows("approved");
  await second.shows("prompt");
  await second.present("card_declined", "Tap");
  await second.shows("declined");
  assert.equal((await dev.payment(a.id, (payment) => payment.status === "failed")).status, "failed");
  assert.equal((await dev.payment(b.id, (payment) => payment.status === "completed")).brand, "amex");
  // The first has its own customer, who acts by itself.
  const c = await dev.pay({ amount: 100 });
  await dev.payment(c.id, (payment) => payment.status === "completed");
  const fourth = await dev.call("POST", "/v1/test/terminals", { model: "nexgo_n92" });
  await new Seen(page, fourth.id).all.waitFor();
  await dev.call("DELETE", `/v1/test/terminals/${fourth.id}`);
  await new Seen(page, fourth.id).all.waitFor({ state: "detached" });
});

test("whatever people write is text", async () => {
  const terminal = new Seen(page, dev.terminal);
  await terminal.byHand();
  await dev.configure({ display: { idleMessage: "<img src=x onerror=alert(0)>" } });
  for (const text of CORPUS) {
    await terminal.charge("1.00", { item: text, reference: text.slice(0, 60) });
    const shown = await terminal.shows("prompt");
    assert.ok(shown.includes(text.slice(0, 20)), `${text} is shown as ${shown}`);
    await terminal.press("Cancel at the terminal");
    await terminal.shows("cancelled");
  }
  for (const text of CORPUS.slice(0, 4)) {
    const { id } = await dev.pay({ reference: text.slice(0, 60), description: text });
    await terminal.shows("prompt");
    await terminal.present("visa_approved", "Tap");
    await terminal.shows("approved");
    await dev.payment(id, (payment) => payment.status === "completed");
  }
  await page.reload();
  await page.locator("html[data-live]").waitFor();
  assert.equal(await page.locator("main script, main iframe, main svg, main img, main style, main [onerror], main [onload]").count(), 0);
  assert.deepEqual(page.errors, []);
});

test("the policy lets no script in that is not the page's own", async () => {
  const { headers, text } = await send("GET", "/");
  const policy = headers["content-security-policy"];
  for (const part of ["default-src 'none'", "script-src 'self'", "frame-ancestors 'none'", "base-uri 'none'", "form-action 'self'"]) {
    assert.ok(policy.includes(part), `${part} in ${policy}`);
  }
  assert.doesNotMatch(policy, /unsafe|\*|http:/);
  assert.doesNotMatch(text, /<script>|<script [^>]*>[^<]|<style|<[a-z][^>]* (style|on[a-z]+)=/);
  assert.doesNotMatch(text, /(src|href)="(https?:)?\/\//);
  const tried = await page.evaluate(() => {
    const script = document.createElement("script");
    try {
      script.textContent = "globalThis.injected = true";
      document.body.append(script);
    } catch {
      // Refused already.
    }
    try {
      document.body.insertAdjacentHTML("beforeend", "<img src=x onerror='globalThis.injected = true'>");
    } catch {
      // Refused already.
    }
    return globalThis.injected;
  });
  assert.equal(tried, undefined);
  page.errors.length = 0;
});

test("a name of this machine that somebody's DNS points here is not answered", async () => {
  for (const host of ["evil.example", "evil.example:8422", "10.1.2.3", "localhost.evil.example"]) {
    const { status, text } = await send("GET", "/", { host });
    assert.equal(status, 421, host);
    assert.doesNotMatch(text, /token/);
  }
  assert.equal((await send("GET", "/", { host: `localhost:${new URL(dev.page).port}` })).status, 200);
});

test("a form of another page presses nothing", async () => {
  const host = new URL(dev.page).host;
  const first = await send("GET", "/");
  const cookie = first.headers["set-cookie"][0].split(";")[0];
  assert.match(first.headers["set-cookie"][0], /HttpOnly; SameSite=Strict/);
  const token = (await send("GET", "/", { cookie })).text.match(/name="token" value="([0-9a-f]{64})"/)[1];
  const place = `/terminals/${dev.terminal}/power`;
  const body = `token=${token}&to=off`;
  const good = { origin: `http://${host}`, cookie, "content-type": "application/x-www-form-urlencoded" };
  for (const [what, headers, sent] of [
    ["no origin", { ...good, origin: undefined }, body],
    ["another origin", { ...good, origin: "http://evil.example" }, body],
    ["another port of this machine", { ...good, origin: "http://127.0.0.1:1" }, body],
    ["an origin that is hidden", { ...good, origin: "null" }, body],
    ["another site", { ...good, "sec-fetch-site": "cross-site" }, body],
    ["no cookie", { ...good, cookie: undefined }, body],
    ["another cookie", { ...good, cookie: `vinr_terminal_page=${"0".repeat(32)}` }, body],
    ["no token", good, "to=off"],
    ["another token", good, `token=${"0".repeat(64)}&to=off`],
    ["a GET", undefined, ""],
  ]) {
    const clean = Object.fromEntries(Object.entries(headers ?? { cookie }).filter(([, value]) => value !== undefined));
    const { status } = headers ? await send("POST", place, clean, sent) : await send("GET", `${place}?${body}`, clean);
    assert.ok([403, 404].includes(status), `${what}: ${status}`);
  }
  await new Seen(page, dev.terminal).shows("idle");
  assert.equal((await send("POST", place, good, body)).status, 303);
  await new Seen(page, dev.terminal).shows("dark");
  assert.equal((await send("POST", place, good, `token=${token}&to=on`)).status, 303);
});

test("what is too long or no form is refused, and the page goes on", async () => {
  const host = new URL(dev.page).host;
  const first = await send("GET", "/");
  const cookie = first.headers["set-cookie"][0].split(";")[0];
  const headers = { origin: `http://${host}`, cookie };
  for (const body of ["a".repeat(100_000), "%FF=%FF", "&".repeat(5_000), "a&".repeat(2_000)]) {
    const answer = await send("POST", `/terminals/${dev.terminal}/charge`, headers, body).catch(() => ({ status: 303 }));
    assert.ok([303, 403].includes(answer.status), `${answer.status}`);
  }
  assert.equal((await send("GET", "/terminals/term_counter_2/receipts/999.png")).status, 404);
  assert.equal((await send("GET", "/../../etc/passwd")).status, 404);
  assert.equal((await send("DELETE", "/")).status, 405);
  assert.equal((await send("GET", "/")).status, 200);
});
