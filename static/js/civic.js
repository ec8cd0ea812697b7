// What pages gain when scripts run; every page works without. Bootstrap Italia starts by itself from its own file.
(function () {
  'use strict';
  document.documentElement.classList.add('js');

  // A form that came back with errors: read them first.
  var errors = document.getElementById('errori');
  if (errors) errors.focus();

  // "Al massimo 500 caratteri." goes on as "12/500". Code points, as the server counts them.
  document.querySelectorAll('[data-count]').forEach(function (hint) {
    var area = document.getElementById(hint.dataset.count);
    if (!area) return;
    var count = document.createElement('span');
    hint.append(' ', count);
    var show = function () {
      var used = Array.from(area.value).length;
      count.textContent = '(' + used + '/' + hint.dataset.limit + ')';
      count.classList.toggle('text-danger', used > Number(hint.dataset.limit));
    };
    area.addEventListener('input', show);
    show();
  });

  // Is this page clear? The stars are kept as soon as they are chosen, under one key that the whole form sends again: who stops
  // there is counted too, and who goes on changes the same rating. Arrow keys pass over stars, so the choice must rest a moment.
  document.querySelectorAll('form[data-element=feedback]').forEach(function (form) {
    var said = form.querySelector('[data-saved]');
    var wait = 0;
    var sending = Promise.resolve();
    var send = function () {
      var data = new FormData();
      ['strumento', 'pagina', 'stelle', 'chiave'].forEach(function (name) { data.set(name, form.elements[name].value); });
      sending = sending.then(function () {
        return fetch(form.action, { method: 'POST', body: data, redirect: 'manual', keepalive: true });
      }).then(function (answer) {
        if (answer.type === 'opaqueredirect' && said) said.textContent = said.dataset.saved;
      }).catch(function () {});
    };
    form.addEventListener('change', function (event) {
      if (event.target.name !== 'stelle' || !window.crypto || !crypto.randomUUID) return;
      if (!form.elements.chiave.value) form.elements.chiave.value = crypto.randomUUID();
      clearTimeout(wait);
      wait = setTimeout(send, 500);
    });
    form.addEventListener('submit', function () { clearTimeout(wait); });
  });

  // An edited form is not lost by mistake.
  var edited = new Set();
  document.querySelectorAll('form[data-guard]').forEach(function (form) {
    form.addEventListener('input', function () { edited.add(form); });
    form.addEventListener('submit', function () { edited.delete(form); });
  });
  window.addEventListener('beforeunload', function (event) {
    if (edited.size) event.preventDefault();
  });

  // Pressed twice, sent once. The button is disabled after the browser has read its name and value.
  document.addEventListener('submit', function (event) {
    if (event.defaultPrevented || event.target.getAttribute('method') !== 'post') return;
    event.target.querySelectorAll('button[type=submit]').forEach(function (button) {
      setTimeout(function () { button.disabled = true; }, 0);
      setTimeout(function () { button.disabled = false; }, 3000);
    });
  });
})();
