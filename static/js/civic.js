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
