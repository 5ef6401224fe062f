/* The residents' page: sends without a reload, follows the conversation, opens clauses in place. Everything here also works, more
   slowly, without this file. Written for WebViews of 2018: no optional chaining, no replaceAll, no dialog. */
(function () {
  'use strict';
  if (!window.fetch || !window.Promise || !Element.prototype.closest) { return; }

  var root = document.documentElement;
  var lines = document.getElementById('lines');
  var state = document.getElementById('state');
  var sayForm = document.getElementById('say');
  var box = document.getElementById('text');
  var words = state.dataset;
  var last = Number(document.body.dataset.last) || 0;
  var waits = [1000, 2000, 4000, 8000, 15000];
  var queue = [];
  var sending = false;

  /* ---- what the browser keeps: a draft and what could not be sent, until the tab is closed ---- */
  function kept(name, value) {
    try {
      if (value === undefined) { return window.sessionStorage.getItem(name); }
      if (value) { window.sessionStorage.setItem(name, value); } else { window.sessionStorage.removeItem(name); }
    } catch (error) { /* Storage may be switched off: the page then simply forgets. */ }
    return null;
  }
  function keepQueue() {
    kept('unsent', queue.length ? JSON.stringify(queue.map(function (m) { return { key: m.key, text: m.text }; })) : '');
  }

  function newKey() {
    var bytes = new Uint8Array(12);
    window.crypto.getRandomValues(bytes);
    return Array.prototype.map.call(bytes, function (b) { return ('0' + b.toString(16)).slice(-2); }).join('');
  }

  /* ---- lines ---- */
  function element(html) {
    var holder = document.createElement('div');
    holder.innerHTML = html;
    return holder.firstElementChild;
  }
  function pendingBubble(text) {
    var line = document.createElement('div');
    var bubble = document.createElement('p');
    line.className = 'line resident pending';
    bubble.className = 'bubble';
    bubble.textContent = text;
    line.appendChild(bubble);
    return line;
  }
  function placeholder() {
    return element('<div class="line bot waiting"><article class="card"><p class="looking"></p></article></div>');
  }
  function sameText(a, b) { return a.replace(/\s+/g, '') === b.replace(/\s+/g, ''); }
  function has(id) { return lines.querySelector('[data-id="' + id + '"]') !== null; }

  function adoptPending(id, text) {
    var waiting = lines.querySelectorAll('.line.resident:not([data-id])');
    for (var i = 0; i < waiting.length; i += 1) {
      if (sameText(waiting[i].querySelector('.bubble').textContent, text)) {
        waiting[i].setAttribute('data-id', id);
        return true;
      }
    }
    return false;
  }
  function insert(line) {
    var id = Number(line.getAttribute('data-id'));
    var numbered = lines.querySelectorAll('.line[data-id]');
    var before = null;
    for (var i = numbered.length - 1; i >= 0 && Number(numbered[i].getAttribute('data-id')) > id; i -= 1) { before = numbered[i]; }
    if (before === null && numbered.length) { before = numbered[numbered.length - 1].nextSibling; }
    lines.insertBefore(line, before);
    addAloud(line);
  }
  function show(line) {
    last = Math.max(last, line.id);
    if (has(line.id)) { return; }
    if (line.author === 'resident' && adoptPending(line.id, line.text)) { return; }
    if (line.author !== 'resident') {
      Array.prototype.forEach.call(lines.querySelectorAll('.line.slow'), function (old) { lines.removeChild(old); });
    }
    if (line.reply && String(line.reply.status).indexOf('answered_forgotten') === 0) { forgetLines(line.id); }
    var node = element(line.html);
    insert(node);
    if (line.author !== 'resident' && line.author !== 'bot') { say(words.advisor); }
    toView(node);
  }
  /* What the resident had deleted goes from the page too. */
  function forgetLines(id) {
    Array.prototype.forEach.call(lines.querySelectorAll('.line[data-id]'), function (old) {
      if (Number(old.getAttribute('data-id')) < id) { lines.removeChild(old); }
    });
  }
  function toView(node) {
    var box = node.getBoundingClientRect();
    if (box.top < 0 || box.bottom > window.innerHeight - 140) { node.scrollIntoView({ block: 'start' }); }
  }
  function say(text, trouble) {
    state.textContent = text || '';
    state.className = trouble ? 'trouble' : '';
  }

  /* ---- sending: one after the other, repeated with the same key until the server has it ---- */
  function send(text) {
    if (!text.trim()) { box.focus(); return; }
    enqueue({ key: newKey(), text: text, tries: 0 });
  }
  function enqueue(message) {
    message.bubble = pendingBubble(message.text);
    lines.appendChild(message.bubble);
    queue.push(message);
    keepQueue();
    hideChips();
    message.bubble.scrollIntoView({ block: 'start' });
    next();
  }
  function next() {
    if (sending || !queue.length) { return; }
    sending = true;
    attempt(queue[0]);
  }
  function finished(message) {
    queue.shift();
    keepQueue();
    sending = false;
    message.bubble.classList.remove('pending');
    next();
  }
  function attempt(message) {
    var waiting = placeholder();
    var answer = { message: message, waiting: waiting, looking: waiting.querySelector('.looking'), done: false };
    lines.insertBefore(waiting, message.bubble.nextSibling);
    fetch('/api/v1/messages/stream?cards=1', {
      method: 'POST',
      credentials: 'same-origin',
      headers: { 'Content-Type': 'application/json', Accept: 'text/event-stream' },
      body: JSON.stringify({ text: message.text, key: message.key })
    }).then(function (response) {
      if (response.status >= 500) { throw new Error('server'); }
      if (!response.ok) { return response.json().then(function (body) { refused(answer, body.error.message); }); }
      return events(response, function (kind, data) { heard(answer, kind, data); }).then(function () {
        if (!answer.done) { throw new Error('cut'); }
      });
    }).catch(function () { if (!answer.done) { again(answer); } });
  }
  function heard(answer, kind, data) {
    var card = answer.waiting.querySelector('.card');
    if (kind === 'status') { answer.looking.textContent = data.text; say(''); }
    if (kind === 'part') {
      var piece = document.createElement('p');
      piece.className = data.kind === 'headline' ? 'headline' : 'said';
      piece.textContent = data.text;
      card.insertBefore(piece, answer.looking);
    }
    if (kind === 'reply') { answered(answer, data); }
    if (kind === 'too_slow') {
      answer.done = true;
      answer.looking.textContent = data.text;
      answer.looking.className = 'said';
      answer.waiting.classList.add('slow');
      finished(answer.message);
    }
    if (kind === 'failed') { refused(answer, data.error.message); }
  }
  function answered(answer, data) {
    answer.done = true;
    if (data.resident_line && !answer.message.bubble.getAttribute('data-id') && !has(data.resident_line)) {
      answer.message.bubble.setAttribute('data-id', data.resident_line);
    }
    lines.removeChild(answer.waiting);
    if (data.silent) { say(words.silent); }
    if (data.html && !has(data.line)) {
      var node = element(data.html);
      insert(node);
      last = Math.max(last, data.line);
    }
    finished(answer.message);
    answer.message.bubble.scrollIntoView({ block: 'start' });
  }
  function refused(answer, text) {
    answer.done = true;
    lines.removeChild(answer.waiting);
    offerAgain(answer.message, text);
  }
  function again(answer) {
    var message = answer.message;
    if (answer.waiting.parentNode) { lines.removeChild(answer.waiting); }
    if (message.tries >= waits.length) { say(''); offerAgain(message, words.unsent); return; }
    say(words.retrying, true);
    window.setTimeout(function () { attempt(message); }, waits[message.tries]);
    message.tries += 1;
  }
  function offerAgain(message, text) {
    var note = document.createElement('p');
    var button = document.createElement('button');
    note.className = 'unsent';
    note.textContent = text;
    button.type = 'button';
    button.textContent = words.again;
    button.addEventListener('click', function () {
      message.bubble.removeChild(note);
      message.tries = 0;
      attempt(message);
    });
    note.appendChild(button);
    message.bubble.appendChild(note);
  }

  /* ---- reading a stream of events from a POST; an old browser gets it in one piece ---- */
  function events(response, heardOne) {
    var rest = '';
    function take(text) {
      var parts = (rest + text).replace(/\r\n/g, '\n').split('\n\n');
      rest = parts.pop();
      parts.forEach(function (part) {
        var kind = 'message';
        var data = [];
        part.split('\n').forEach(function (row) {
          if (row.indexOf('event:') === 0) { kind = row.slice(6).trim(); }
          if (row.indexOf('data:') === 0) { data.push(row.slice(5).trim()); }
        });
        if (data.length) { heardOne(kind, JSON.parse(data.join('\n'))); }
      });
    }
    if (!response.body || !response.body.getReader || !window.TextDecoder) { return response.text().then(take); }
    var reader = response.body.getReader();
    var decoder = new TextDecoder();
    function read() {
      return reader.read().then(function (chunk) {
        if (chunk.done) { return null; }
        take(decoder.decode(chunk.value, { stream: true }));
        return read();
      });
    }
    return read();
  }

  /* ---- following the conversation: advisors answer when they can ---- */
  function follow() {
    if (!window.EventSource) { poll(); return; }
    var source = new EventSource('/api/v1/stream?cards=1&after=' + last);
    source.addEventListener('line', function (event) { show(JSON.parse(event.data)); });
    source.onopen = function () { if (state.className === 'trouble' && !sending) { say(''); } };
    source.onerror = function () {
      if (window.navigator.onLine === false) { say(words.offline, true); }
      if (source.readyState === 2) { window.setTimeout(follow, 5000); }
    };
  }
  function poll() {
    fetch('/api/v1/messages?cards=1&after=' + last, { credentials: 'same-origin' })
      .then(function (response) { return response.json(); })
      .then(function (body) { body.lines.forEach(show); })
      .catch(function () { say(words.retrying, true); })
      .then(function () { window.setTimeout(poll, 4000); });
  }

  /* ---- clauses open below the line that cites them ---- */
  function openClause(link) {
    if (link.classList.contains('mark')) {
      var listed = link.closest('.card').querySelectorAll('.sources .source')[Number(link.textContent) - 1];
      if (listed) { listed.focus(); openClause(listed); return; }
    }
    var open = link.getAttribute('aria-expanded') === 'true';
    var home = link.closest('li') || link.closest('p') || link.parentNode;
    var old = home.querySelector('.panel');
    if (old) { home.removeChild(old); }
    Array.prototype.forEach.call(home.querySelectorAll('.source'), function (other) { other.setAttribute('aria-expanded', 'false'); });
    if (open) { return; }
    link.setAttribute('aria-expanded', 'true');
    var panel = document.createElement('div');
    panel.className = 'panel';
    panel.textContent = words.opening;
    home.appendChild(panel);
    fetch(link.href + '&panel=1', { credentials: 'same-origin', headers: { Accept: 'application/json, text/html;q=0.1' } }).then(function (response) {
      return response.ok ? response.text() : Promise.reject(new Error('status'));
    }).then(function (html) { panel.innerHTML = html; }).catch(function () { window.location.href = link.href; });
  }

  /* ---- large type and reading aloud ---- */
  function setLook(elder) {
    root.classList.toggle('elder', elder);
    var button = document.getElementById('look');
    button.value = elder ? 'plain' : 'elder';
    button.setAttribute('aria-pressed', elder ? 'true' : 'false');
    document.cookie = 'yibentong_look=' + (elder ? 'elder' : 'plain') + '; path=/; max-age=31536000; samesite=lax';
    Array.prototype.forEach.call(lines.children, addAloud);
  }
  function addAloud(line) {
    if (!window.speechSynthesis || !line.classList || line.classList.contains('resident')) { return; }
    var card = line.querySelector('.card');
    var old = line.querySelector('.aloud');
    if (!root.classList.contains('elder')) { if (old) { old.parentNode.removeChild(old); } return; }
    if (old || !card) { return; }
    var button = document.createElement('button');
    button.type = 'button';
    button.className = 'aloud';
    button.textContent = words.aloud;
    button.addEventListener('click', function () { aloud(card); });
    card.appendChild(button);
  }
  function aloud(card) {
    var speaking = window.speechSynthesis.speaking;
    window.speechSynthesis.cancel();
    if (speaking) { return; }
    var spoken = Array.prototype.map.call(card.querySelectorAll('.headline, .points li, .next li, .question, .said'), function (piece) {
      return piece.textContent;
    });
    var speech = new SpeechSynthesisUtterance(spoken.join('。'));
    speech.lang = 'zh-CN';
    speech.rate = 0.9;
    window.speechSynthesis.speak(speech);
  }

  /* ---- the page's own controls ---- */
  function hideChips() {
    var chips = document.getElementById('chips');
    if (chips) { chips.parentNode.removeChild(chips); }
  }
  function grow() {
    box.style.height = 'auto';
    box.style.height = Math.min(box.scrollHeight + 2, window.innerHeight * 0.3) + 'px';
  }
  function sendBox() {
    var text = box.value;
    box.value = '';
    kept('draft', '');
    grow();
    send(text);
  }
  sayForm.addEventListener('submit', function (event) { event.preventDefault(); sendBox(); });
  box.addEventListener('keydown', function (event) {
    if (event.key === 'Enter' && !event.shiftKey && !event.isComposing && event.keyCode !== 229) { event.preventDefault(); sendBox(); }
  });
  box.addEventListener('input', function () { kept('draft', box.value); grow(); });
  document.addEventListener('click', function (event) {
    var button = event.target.closest('button[name="say"]');
    var link = event.target.closest('a.source');
    if (button) { event.preventDefault(); send(button.value); return; }
    if (link && !event.ctrlKey && !event.metaKey) { event.preventDefault(); openClause(link); return; }
    if (event.target.id === 'look') { event.preventDefault(); setLook(event.target.value === 'elder'); }
  });
  window.addEventListener('offline', function () { say(words.offline, true); });
  window.addEventListener('online', function () { say(''); });

  box.value = box.value || kept('draft') || '';
  grow();
  Array.prototype.forEach.call(lines.children, addAloud);
  var residents = lines.querySelectorAll('.line.resident');
  if (residents.length) { residents[residents.length - 1].scrollIntoView({ block: 'start' }); }
  try {
    JSON.parse(kept('unsent') || '[]').forEach(function (m) { enqueue({ key: m.key, text: m.text, tries: 0 }); });
  } catch (error) { kept('unsent', ''); }
  follow();
}());
