// Makes and shows passkeys. A form that needs one is hidden until this has run, so without a script nobody is led astray.
// It knows no secret and keeps nothing: the browser's answer goes into the form, and the form goes to the server.

const able = 'PublicKeyCredential' in window && 'parseCreationOptionsFromJSON' in PublicKeyCredential;

async function options(form) {
  if (form.dataset.options) { return JSON.parse(form.dataset.options); }
  const answer = await fetch(form.dataset.begin, { method: 'POST', body: new URLSearchParams() });
  if (!answer.ok) { throw new Error(`the server answered ${answer.status}`); }
  return answer.json();
}

async function credential(form) {
  const asked = await options(form);
  if (form.dataset.passkey === 'make') {
    return navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(asked) });
  }
  return navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(asked) });
}

async function answer(form) {
  const field = form.querySelector('input[data-answer]');
  const told = form.querySelector('[data-failed]');
  told.hidden = true;
  try {
    const made = await credential(form);
    field.value = JSON.stringify(made.toJSON());
    form.submit();
  } catch {
    // Whoever closes the browser's window stays on the page and is told so.
    told.hidden = false;
  }
}

for (const form of document.querySelectorAll('form[data-passkey]')) {
  if (!able) { continue; }
  form.hidden = false;
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    answer(form);
  });
}
for (const hint of document.querySelectorAll('[data-without-passkeys]')) { hint.hidden = able; }
