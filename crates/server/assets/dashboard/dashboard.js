// Fetches the page again when something in the account has changed, and puts in place what is marked as live. Without this
// file everything works by loading pages. It knows no secret and keeps nothing.

const SETTLE_MS = 250;
let waiting = null;
let running = false;
let again = false;

// What somebody is typing in stays as it is.
function inUse(section) {
  return section.contains(document.activeElement) && document.activeElement.matches('input, select, textarea');
}

// What somebody has unfolded stays unfolded.
function unfolded(section) {
  return [...section.querySelectorAll('details[open] > summary')].map((summary) => summary.textContent);
}

function put(section, next) {
  const open = unfolded(section);
  section.replaceChildren(...next.childNodes);
  for (const summary of section.querySelectorAll('details > summary')) {
    if (open.includes(summary.textContent)) { summary.parentElement.open = true; }
  }
}

async function refresh() {
  waiting = null;
  if (running) { again = true; return; }
  running = true;
  try {
    const answer = await fetch(location.href, { headers: { accept: 'text/html' } });
    if (!answer.ok || answer.redirected) { return; }
    const fresh = new DOMParser().parseFromString(await answer.text(), 'text/html');
    for (const section of document.querySelectorAll('[data-live]')) {
      const next = fresh.querySelector(`[data-live="${section.dataset.live}"]`);
      if (next && !inUse(section) && next.innerHTML !== section.innerHTML) {
        put(section, next);
      }
    }
  } catch {
    // The server is away: the stream comes back by itself, and then the page is fetched again.
  } finally {
    running = false;
    if (again) { again = false; soon(); }
  }
}

function soon() {
  if (waiting === null) { waiting = setTimeout(refresh, SETTLE_MS); }
}

if (document.querySelector('[data-live]') && 'EventSource' in window) {
  const stream = new EventSource('/dashboard/live');
  // Between the page and the stream, and in an interruption, nobody knows what was missed.
  stream.addEventListener('open', () => {
    soon();
    document.documentElement.dataset.following = 'yes';
  });
  stream.addEventListener('changed', soon);
  window.addEventListener('pagehide', () => stream.close());
}

// Asks before what cannot be undone. The form works without the question.
for (const form of document.querySelectorAll('form[data-confirm]')) {
  form.addEventListener('submit', (event) => {
    if (!window.confirm(form.dataset.confirm)) { event.preventDefault(); }
  });
}
