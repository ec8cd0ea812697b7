// The parts of Bootstrap Italia that civic's pages use; tools/assets.py bundles them into one file.
// Each plugin starts itself from data-bs-* attributes, so pages need no script of their own for these.
// Adding a line here is all it takes to ship one more plugin (the next `tools/assets.py` rebuilds).
import 'bootstrap-italia/dist/plugins/init.js';
import 'bootstrap-italia/dist/plugins/navbar-collapsible.js';
import 'bootstrap-italia/dist/plugins/collapse.js';
import 'bootstrap-italia/dist/plugins/dropdown.js';
import 'bootstrap-italia/dist/plugins/accordion.js';
import 'bootstrap-italia/dist/plugins/tab.js';
import 'bootstrap-italia/dist/plugins/modal.js';
import 'bootstrap-italia/dist/plugins/input-label.js';
import 'bootstrap-italia/dist/plugins/input.js';
import 'bootstrap-italia/dist/plugins/alert.js';
import 'bootstrap-italia/dist/plugins/back-to-top.js';
import 'bootstrap-italia/dist/plugins/navscroll.js';
