// Passkeys in a real browser, with an authenticator that the browser plays: made, signed in with, proved with, removed. And the
// pages around signing in, for everybody.

import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { after, before, test } from "node:test";
import { launch, picture, serious } from "../rig/browser.mjs";
import { Dev } from "../rig/dev.mjs";

const PASSWORD = "correct horse battery";
const PHONE = { width: 390, height: 844 };
let dev, browser, base;

before(async () => {
  [dev, browser] = await Promise.all([Dev.start(), launch()]);
  // Passkeys are for a name.
  base = new URL(dev.ready.dashboard).origin;
});
after(async () => {
  await browser?.close();
  await dev?.stop();
});

/** A browser of somebody; what its console calls an error is in `errors`. */
async function visitor(options = {}) {
  const context = await browser.newContext({ locale: "en-GB", viewport: { width: 1280, height: 900 }, ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(10_000);
  page.errors = [];
  page.on("pageerror", (error) => page.errors.push(String(error)));
  // A page that asks for a proof is an answer like any other, and an error to the console.
  page.on("console", (message) => {
    if (message.type() === "error" && !/status of 4\d\d/.test(message.text())) page.errors.push(message.text());
  });
  page.on("dialog", (dialog) => dialog.accept());
  return page;
}

/** Plays a device with a finger on its sensor. */
async function authenticator(page) {
  const session = await page.context().newCDPSession(page);
  await session.send("WebAuthn.enable");
  const { authenticatorId } = await session.send("WebAuthn.addVirtualAuthenticator", {
    options: {
      protocol: "ctap2", transport: "internal", hasResidentKey: true, hasUserVerification: true, isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  });
  return {
    /** What it holds: to be put into another browser of the same person. */
    credentials: async () => (await session.send("WebAuthn.getCredentials", { authenticatorId })).credentials,
    put: (credential) => session.send("WebAuthn.addCredential", { authenticatorId, credential }),
    verified: (isUserVerified) => session.send("WebAuthn.setUserVerified", { authenticatorId, isUserVerified }),
  };
}

let owner;
/** The owner's browser; the link that signs in works once. */
async function asOwner() {
  if (!owner) {
    const link = new URL(dev.ready.dashboard);
    owner = await visitor();
    await owner.goto(base + link.pathname + link.search);
  }
  return owner;
}

/** Somebody new, in a browser of their own. */
async function invited(email, options) {
  const page = await asOwner();
  await page.goto(`${base}/dashboard/people`);
  await page.getByLabel("Email").fill(email);
  await page.getByLabel("Role", { exact: true }).selectOption("owner");
  await page.getByRole("button", { name: "Invite", exact: true }).click();
  const link = new URL((await page.locator(".secret").innerText()).trim());
  const guest = await visitor(options);
  await guest.goto(base + link.pathname + link.search);
  await guest.getByLabel("Your name").fill("Ada");
  await guest.getByLabel("A password").fill(PASSWORD);
  await guest.getByRole("button", { name: "Come in" }).click();
  await guest.waitForURL(`${base}/dashboard`);
  return guest;
}

async function addPasskey(page, name) {
  await page.goto(`${base}/dashboard/profile`);
  await page.getByRole("button", { name: "Add a passkey" }).click();
  await page.getByLabel("A name for it").fill(name);
  await page.getByRole("button", { name: "Add a passkey" }).click();
  await page.waitForURL(`${base}/dashboard/profile`);
}

test("a passkey is made, signs in by itself, and is removed", async () => {
  const page = await invited("ada@shop.example");
  const device = await authenticator(page);
  await addPasskey(page, "My <b>laptop</b>");
  const row = page.getByRole("region", { name: "Passkeys" }).locator("tbody tr");
  assert.match(await row.innerText(), /My <b>laptop<\/b>[^]*localhost[^]*never/);
  await addPasskey(page, "A second name").then(() => assert.fail("the same device makes no second one"), () => {});
  await page.goto(`${base}/dashboard/profile`);
  assert.equal(await row.count(), 1, "one device, one passkey");

  await page.getByText("Ada").first().click();
  await page.getByRole("button", { name: "Sign out" }).click();
  await page.goto(`${base}/dashboard/sign-in?next=/dashboard/payments`);
  await device.verified(false);
  await page.getByRole("button", { name: "Sign in with a passkey" }).click();
  await page.getByText("No passkey was shown").waitFor();
  await device.verified(true);
  await page.getByRole("button", { name: "Sign in with a passkey" }).click();
  await page.waitForURL(`${base}/dashboard/payments`);
  await page.goto(`${base}/dashboard/profile`);
  const here = page.getByRole("region", { name: "Where you are signed in" }).locator("tbody tr").filter({ hasText: "this one" });
  assert.match(await here.innerText(), /Chrome · Linux[^]*Passkey/);
  assert.match(await row.innerText(), /just now|seconds ago/);

  // The password can go while there is a passkey; then the passkey stays.
  await page.getByRole("button", { name: "Remove the password" }).click();
  await page.getByText("You have no password yet.").waitFor();
  await page.getByRole("button", { name: /^Remove My/ }).click();
  await page.getByText("This passkey is your last way in").waitFor();
  await page.goto(`${base}/dashboard/profile`);
  await page.getByLabel("New password").fill("another horse battery");
  await page.getByRole("button", { name: "Set the password" }).click();
  await page.getByRole("button", { name: /^Remove My/ }).click();
  await row.waitFor({ state: "detached" });

  await page.context().clearCookies();
  await page.goto(`${base}/dashboard/sign-in`);
  await page.getByRole("button", { name: "Sign in with a passkey" }).click();
  await page.getByText("This passkey is not known here").waitFor();
  assert.deepEqual(page.errors, []);
  await page.context().close();
});

test("an answer to another challenge, and one that comes twice, sign nobody in", async () => {
  const page = await invited("twice@shop.example");
  await authenticator(page);
  await addPasskey(page, "Phone");
  await page.context().clearCookies();
  await page.goto(`${base}/dashboard/sign-in`);
  // What the page would send is kept instead, and sent by hand.
  const sent = await page.evaluate(async () => {
    const begin = () => fetch("/dashboard/sign-in/passkey/begin", { method: "POST", body: new URLSearchParams() });
    const asked = await (await begin()).json();
    const shown = await navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(asked) });
    return JSON.stringify(shown.toJSON());
  });
  const send = (answer) => page.request.post(`${base}/dashboard/sign-in/passkey`, { form: { credential: answer }, maxRedirects: 0 });
  const [challenge] = (await page.context().cookies()).filter((cookie) => cookie.name === "vinr_challenge");
  assert.deepEqual([challenge.httpOnly, challenge.sameSite, challenge.path], [true, "Strict", "/dashboard/sign-in"]);
  const altered = JSON.parse(sent);
  altered.response.signature = altered.response.signature.replace(/^.{8}/, "AAAAAAAA");
  assert.equal((await send(JSON.stringify(altered))).status(), 403, "a signature that is none");
  await page.context().addCookies([challenge]);
  assert.equal((await send(sent)).status(), 403, "its challenge is used up");
  const fresh = await page.evaluate(async () => {
    const asked = await (await fetch("/dashboard/sign-in/passkey/begin", { method: "POST", body: new URLSearchParams() })).json();
    return JSON.stringify((await navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(asked) })).toJSON());
  });
  assert.equal((await send(sent)).status(), 403, "an answer to another challenge");
  assert.notEqual(fresh, sent);
  const good = await page.evaluate(async () => {
    const asked = await (await fetch("/dashboard/sign-in/passkey/begin", { method: "POST", body: new URLSearchParams() })).json();
    return JSON.stringify((await navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(asked) })).toJSON());
  });
  assert.equal((await send(good)).status(), 303, "an answer to this one");
  await page.context().close();
});

test("a passkey proves who somebody is, where the account asks for more than a password", async () => {
  const page = await invited("zoe@shop.example");
  const device = await authenticator(page);
  await addPasskey(page, "Phone");
  await page.goto(`${base}/dashboard/people`);
  await page.getByRole("button", { name: "Ask everybody for a second factor" }).click();
  await page.getByText("needs more than a password").waitFor();

  const other = await visitor();
  const same = await authenticator(other);
  for (const credential of await device.credentials()) await same.put(credential);
  await other.goto(`${base}/dashboard/sign-in?next=/dashboard/payments`);
  await other.getByLabel("Email").fill("zoe@shop.example");
  await other.getByLabel("Password").fill(PASSWORD);
  await other.getByRole("button", { name: "Sign in", exact: true }).click();
  await other.getByRole("heading", { name: "Show that it is you" }).waitFor();
  assert.equal(await other.getByLabel("Password").count(), 0, "the password was shown already");
  await picture(other, "signin-second-factor");
  await other.getByRole("button", { name: "Use a passkey" }).click();
  await other.waitForURL(`${base}/dashboard/payments`);

  await page.goto(`${base}/dashboard/people`);
  await page.getByRole("button", { name: "Let a password be enough" }).click();
  await page.getByText("A password is enough").waitFor();
  assert.deepEqual([...page.errors, ...other.errors], []);
  await other.context().close();
  await page.context().close();
});

test("the code of an app, from the letters on the page to the second step", async () => {
  const page = await invited("eve@shop.example");
  await page.goto(`${base}/dashboard/profile`);
  await page.getByRole("button", { name: "Set up an app" }).click();
  assert.ok((await page.getByRole("img", { name: "QR code" }).boundingBox()).width > 150, "the picture is large enough to scan");
  const letters = (await page.locator(".secret").innerText()).replaceAll(" ", "");
  await page.getByLabel("Enter the six digits").fill(codeOf(letters, 0));
  await page.getByRole("button", { name: "Turn it on" }).click();
  assert.equal(await page.locator(".codes li").count(), 10);
  const recovery = await page.locator(".codes code").first().innerText();
  await page.context().clearCookies();
  await page.goto(`${base}/dashboard/sign-in`);
  await page.getByLabel("Email").fill("eve@shop.example");
  await page.getByLabel("Password").fill(PASSWORD);
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  await page.getByLabel("Code of your authenticator app").fill(codeOf(letters, 1));
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  await page.waitForURL(`${base}/dashboard`);
  assert.ok(recovery.length === 19 && page.errors.length === 0, `${recovery} ${page.errors}`);
  await page.context().close();
});

test("without a script nobody is offered what needs one", async () => {
  const page = await visitor({ javaScriptEnabled: false });
  await page.goto(`${base}/dashboard/sign-in`);
  assert.equal(await page.locator('form[data-passkey] button').isVisible(), false);
  assert.equal(await page.getByRole("button").count(), 1);
  await page.context().close();
});

for (const [colorScheme, viewport] of [["light", undefined], ["dark", PHONE]]) {
  test(`everybody can use the pages around signing in, ${colorScheme}`, async () => {
    // axe writes into the document, which the page's own policy forbids to everybody else.
    const options = { colorScheme, bypassCSP: true, reducedMotion: "reduce", ...(viewport && { viewport }) };
    const page = await invited(`${colorScheme}@shop.example`, options);
    await authenticator(page);
    const check = async (name) => {
      assert.deepEqual(await serious(page), [], `${name}, ${colorScheme}`);
      const [wide, window] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
      assert.ok(wide <= window, `${name}: ${wide} px in a window of ${window} px`);
      await picture(page, `signin-${name}-${colorScheme}`);
    };
    await addPasskey(page, "Phone");
    await check("profile");
    await page.getByRole("button", { name: "Add a passkey" }).click();
    await check("passkey");
    await page.goto(`${base}/dashboard/profile`);
    await page.getByRole("button", { name: "Set up an app" }).click();
    await check("app");
    const letters = (await page.locator(".secret").innerText()).replaceAll(" ", "");
    await page.getByLabel("Enter the six digits").fill(codeOf(letters, 0));
    await page.getByRole("button", { name: "Turn it on" }).click();
    await check("codes");
    await page.goto(`${base}/dashboard/people`);
    await check("people");
    await page.context().clearCookies();
    await page.goto(`${base}/dashboard/sign-in`);
    await page.getByLabel("Email").fill(`${colorScheme}@shop.example`);
    await page.getByLabel("Password").fill(PASSWORD);
    await check("door");
    await page.getByRole("button", { name: "Sign in", exact: true }).click();
    await page.getByLabel("Code of your authenticator app").waitFor();
    await check("code");
    assert.deepEqual(page.errors, []);
    await page.context().close();
  });
}

/** RFC 6238: SHA-1, six digits, thirty seconds. */
function codeOf(letters, steps) {
  const bits = [...letters].map((letter) => "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".indexOf(letter).toString(2).padStart(5, "0")).join("");
  const secret = Buffer.from(bits.match(/.{8}/g).map((byte) => Number.parseInt(byte, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000) + steps));
  const digest = createHmac("sha1", secret).update(counter).digest();
  const at = digest[19] & 15;
  return String((digest.readUInt32BE(at) & 0x7fffffff) % 1_000_000).padStart(6, "0");
}
