/**
 * The module errand-elements.js: `<script type="module" src="/errand/errand-elements.js"></script>` defines `<errand-tray>`, the runs of whoever
 * is signed in, and `<errand-run src="/errand/tasks/…/">`, one run. Both load errand-live.js from the folder that the script came from.
 */

import { ErrandRun } from "./errand-run.ts";
import { ErrandTray } from "./errand-tray.ts";

if (!customElements.get("errand-tray")) customElements.define("errand-tray", ErrandTray);
if (!customElements.get("errand-run")) customElements.define("errand-run", ErrandRun);
