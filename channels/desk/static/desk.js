/* The desk: keeps queue and case fresh, and lets the keyboard do the frequent things. */
(function () {
  'use strict';
  const queue = document.getElementById('queue');
  const page = document.getElementById('case');
  const keys = document.getElementById('keys');
  const every = 5000;
  const everyHidden = 30000;

  function again(task) { window.setTimeout(task, document.hidden ? everyHidden : every); }
  function piece(address) {
    return fetch(address, { credentials: 'same-origin', headers: { Accept: 'application/json, text/html;q=0.9' }, redirect: 'error' })
      .then((response) => (response.ok ? response.text() : Promise.reject(new Error(String(response.status)))));
  }

  /* ---- queue ---- */
  const fresh = document.getElementById('fresh');
  const title = document.title;
  function rows() { return queue ? Array.from(queue.querySelectorAll('tr[data-case]')) : []; }
  function say(text, urgent) { fresh.textContent = text; fresh.className = urgent ? 'urgent' : 'quiet'; }
  function replaceRows(html) {
    const known = new Set(rows().map((row) => row.dataset.case));
    const here = queue.querySelector('tr.here');
    const focused = queue.contains(document.activeElement) ? document.activeElement.getAttribute('href') : null;
    queue.innerHTML = html;
    const added = rows().filter((row) => !known.has(row.dataset.case));
    added.forEach((row) => row.classList.add('fresh'));
    if (here) { const same = queue.querySelector('tr[data-case="' + here.dataset.case + '"]'); if (same) { same.classList.add('here'); } }
    if (focused) { const link = queue.querySelector('a[href="' + focused + '"]'); if (link) { link.focus(); } }
    if (added.length) {
      const urgent = added.some((row) => row.classList.contains('S'));
      say(urgent ? fresh.dataset.urgent : fresh.dataset.new, urgent);
      document.title = (urgent ? '❗ ' : '● ') + title;
    }
  }
  let shown = '';
  function refreshQueue() {
    piece(queue.dataset.rows).then((html) => {
      if (fresh.textContent === fresh.dataset.lost) { say('', false); }
      if (html !== shown) { if (shown || rows().length || html.indexOf('<table') >= 0) { replaceRows(html); } shown = html; }
    }).catch(() => say(fresh.dataset.lost, true)).then(() => again(refreshQueue));
  }

  /* ---- case ---- */
  function refreshCase() {
    piece(page.dataset.live).then((html) => {
      const holder = document.createElement('div');
      holder.innerHTML = html;
      holder.querySelectorAll('[data-part]').forEach((part) => {
        const old = page.querySelector('[data-part="' + part.dataset.part + '"]');
        if (old && old.innerHTML !== part.innerHTML) { old.replaceWith(part); toLast(); }
      });
    }).catch(() => null).then(() => again(refreshCase));
  }
  function toLast() { const lines = page.querySelector('.lines'); lines.scrollTop = lines.scrollHeight; }
  function writeQuestion(button) {
    const box = document.getElementById('reply');
    if (!box) { return; }
    box.value = box.value.trim() ? box.value.replace(/\s+$/, '') + '\n' + button.dataset.question : button.dataset.question;
    box.focus();
  }

  /* ---- keyboard ---- */
  function move(step) {
    const all = rows();
    if (!all.length) { return; }
    const at = all.findIndex((row) => row.classList.contains('here'));
    const next = all[Math.max(0, Math.min(all.length - 1, at < 0 ? 0 : at + step))];
    all.forEach((row) => row.classList.remove('here'));
    next.classList.add('here');
    next.querySelector('a').focus();
  }
  function toggleKeys() { if (keys.open) { keys.close(); } else { keys.showModal(); } }
  document.addEventListener('keydown', (event) => {
    if (event.target.closest('input, textarea, select') || event.ctrlKey || event.metaKey || event.altKey) { return; }
    if (event.key === '?') { toggleKeys(); }
    if (event.key === 'j') { move(1); }
    if (event.key === 'k') { move(-1); }
    const box = document.getElementById({ r: 'reply', n: 'note' }[event.key] || '-');
    if (box) { event.preventDefault(); box.focus(); }
  });
  document.addEventListener('click', (event) => {
    const question = event.target.closest('[data-question]');
    if (question) { writeQuestion(question); }
    if (event.target.id === 'show-keys') { toggleKeys(); }
  });
  document.addEventListener('visibilitychange', () => { if (!document.hidden && queue) { document.title = title; } });

  if (queue) { again(refreshQueue); }
  if (page) { toLast(); again(refreshCase); }
}());
