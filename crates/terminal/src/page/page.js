// The terminal page, live: shows every region as it changes, sends forms without leaving the page, types on the PIN pad.
// Without it the page is plain forms. Keeps nothing, and makes HTML only of what this server has escaped.

const policy = globalThis.trustedTypes?.createPolicy("vinr-regions", { createHTML: (html) => html });
const trusted = (html) => (policy ? policy.createHTML(html) : html);
const terminals = document.getElementById("terminals");
const notice = document.getElementById("notice");
const lost = document.getElementById("lost");

/** Shows a message, or none. */
function say(place, words) {
  place.textContent = words;
  place.hidden = words === "";
}

/** Puts a region's new content in its place. Where the keyboard was, it stays: on the same key, or on what is asked next. */
function show(id, html) {
  const region = document.getElementById(id);
  if (!region) return;
  const held = region.contains(document.activeElement) ? document.activeElement : null;
  const chosen = region.querySelector("select")?.value;
  region.innerHTML = trusted(html);
  const select = region.querySelector("select");
  if (select && chosen && [...select.options].some((option) => option.value === chosen)) select.value = chosen;
  openPads(region);
  if (!held) return;
  const same = held.id ? document.getElementById(held.id) : null;
  const asked = region.querySelector("input.pin, form:not(:first-of-type) select, form:not(:first-of-type) button");
  (same ?? asked ?? region.querySelector("button") ?? document.getElementById(region.dataset.heading))?.focus();
}

/** Shows all terminals anew: one has come or gone, or the connection is back. */
function showAll(html) {
  if (html === "") {
    terminals.textContent = terminals.dataset.nobody;
    return;
  }
  const held = document.activeElement?.id;
  const kept = new Map();
  for (const field of terminals.querySelectorAll("input:not([type=hidden], [type=password]), select")) {
    kept.set(`${field.closest("article")?.id} ${field.name}`, field.value);
  }
  terminals.innerHTML = trusted(html);
  for (const field of terminals.querySelectorAll("input:not([type=hidden], [type=password]), select")) {
    const value = kept.get(`${field.closest("article")?.id} ${field.name}`);
    if (value !== undefined) field.value = value;
  }
  openPads(terminals);
  if (held) document.getElementById(held)?.focus();
}

/** The PIN pad needs this script to type. */
function openPads(place) {
  for (const pad of place.querySelectorAll("[data-pad]")) pad.hidden = false;
}

document.addEventListener("click", (event) => {
  const key = event.target.closest?.("[data-key]");
  if (!key) return;
  const field = document.getElementById(key.parentElement.dataset.pad);
  if (key.dataset.key === "") field.value = "";
  else if (field.value.length < field.maxLength) field.value += key.dataset.key;
});

document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (!("live" in form.dataset)) return;
  event.preventDefault();
  const fields = new URLSearchParams(new FormData(form, event.submitter));
  for (const field of form.querySelectorAll("[type=password]")) field.value = "";
  say(notice, "");
  try {
    const answer = await fetch(form.action, { method: "POST", body: fields, headers: { "x-vinr-script": "1" } });
    if (!answer.ok) say(notice, await answer.text());
  } catch {
    say(notice, lost.dataset.words);
  }
});

const events = new EventSource("/events");
events.addEventListener("open", () => say(lost, ""));
events.addEventListener("error", () => say(lost, lost.dataset.words));
let first = true;
events.addEventListener("terminals", (event) => {
  const { html } = JSON.parse(event.data);
  showAll(html);
  first = false;
  document.documentElement.dataset.live = "1";
});
events.addEventListener("regions", (event) => {
  if (first) return;
  for (const [id, html] of Object.entries(JSON.parse(event.data))) show(id, html);
});
openPads(document);
