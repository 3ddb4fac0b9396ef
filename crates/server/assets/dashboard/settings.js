// A setting that is left to somebody else begins to be set here as soon as somebody types into it. Without this file people
// choose "Set here" themselves; the server tells them when they have not.

for (const decides of document.querySelectorAll('select[data-own]')) {
  const own = () => { decides.value = 'own'; };
  for (const field of decides.form.elements) {
    if (field.name === decides.dataset.own) { field.addEventListener('input', own); }
  }
}
