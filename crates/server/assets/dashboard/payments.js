// Shows how far an export is while the browser writes it to a file. Without it the link is a plain download.

const link = document.querySelector('#download');
const line = document.querySelector('#progress');
let stream = null;

function show(event) {
  const done = Number(event.data);
  const bar = line.querySelector('#bar');
  // What has come since the rows were counted is written too.
  if (bar.hasAttribute('max') && done > bar.max) { bar.max = done; }
  if (bar.hasAttribute('max')) { bar.value = done; }
  line.querySelector('#done').textContent = new Intl.NumberFormat(document.documentElement.lang).format(done);
  if (event.type === 'running') { return; }
  stream.close();
  stream = null;
  bar.max = Math.max(done, 1);
  bar.value = event.type === 'complete' ? bar.max : done;
  line.querySelector('#outcome').textContent = line.dataset[event.type];
}

if (link && line && 'EventSource' in window) {
  let turn = 0;
  link.addEventListener('click', () => {
    if (stream) { stream.close(); }
    // Each download has a name of its own, or the end of the one before would be told.
    turn += 1;
    const name = `${link.dataset.name}-${turn}`;
    const target = new URL(link.href);
    target.searchParams.set('export', name);
    link.href = target;
    line.hidden = false;
    line.querySelector('#outcome').textContent = '';
    stream = new EventSource(`/dashboard/exports/${name}/progress`);
    for (const kind of ['running', 'complete', 'ended']) { stream.addEventListener(kind, show); }
  });
  window.addEventListener('pagehide', () => stream?.close());
}
