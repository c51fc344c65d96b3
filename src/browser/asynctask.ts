/**
 * The script of a page with long work: `<script type="module" src="/errand/asynctask.js"></script>`. It takes over each
 * `<form method="post" data-asynctask>` whose `action` is an `asyncAction`, also one that comes into the page later:
 *
 * - `data-asynctask-headline`, `data-asynctask-text`: what the dialog says instead of "We are processing your request …", and below it.
 * - `data-asynctask-long`: the dialog says that this can take minutes.
 * - `data-asynctask-download`: the end is a download, so the dialog goes and the page stays.
 * - `data-asynctask-no-redirect`: the page stays, and the end is said on it.
 * - `data-no-asynctask` on a button: that button sends the form as if there were no script.
 *
 * The form tells of its run by events that bubble: `errand:start`, `errand:progress` (each answer), then one of `errand:success`,
 * `errand:canceled` and `errand:error`, then `errand:end`, which can be prevented: then the page is left alone. Their `detail` is the
 * server's answer (`PretixBody`). A form that could not be sent, or was refused, has only `errand:error`; its `detail` is an `Answer`.
 * `errand:background`: the user goes on with the page while the run goes on; whoever shows the run itself prevents it, and no notice comes.
 * `pretix:async-task-success` is told too, before `errand:end`. `errand:page` on the document: an answer took the place of the page's body.
 *
 * The dialog stands in a shadow tree and loads errand.css from the folder that the script came from. A page changes its look by
 * `--errand-accent`, `--errand-on-accent`, `--errand-surface`, `--errand-ink`, `--errand-quiet`, `--errand-line`, `--errand-edge`,
 * `--errand-radius` and `--errand-font` on `:root`; whether it is light or dark is the page's `color-scheme`.
 */

import { httpUrl, isAtCheck } from "./address.ts";
import { type Submission, submit } from "./submission.ts";
import { watchWaitingPage } from "./waiting-page.ts";

const submissions = new Set<Submission>();

/** Takes over `form[data-asynctask]`, unless its button says `data-no-asynctask`. */
function onSubmit(event: SubmitEvent): void {
  const form = event.target as HTMLFormElement;
  const button = event.submitter;
  if (event.defaultPrevented || !form.hasAttribute("data-asynctask") || button?.hasAttribute("data-no-asynctask")) return;
  // Not form.method and form.action: a field of that name would be there instead.
  const method = button?.getAttribute("formmethod") ?? form.getAttribute("method");
  const action = httpUrl(button?.getAttribute("formaction") || form.getAttribute("action") || location.href);
  if (method?.toLowerCase() !== "post" || !action || new URL(action).origin !== location.origin) return;
  event.preventDefault();
  for (const submission of submissions) {
    if (submission.isOver()) submission.close();
    else if (submission.isModal() || submission.form === form) return submission.toForeground();
  }
  submissions.add(submit(form, action, new FormData(form, button), (closed) => submissions.delete(closed)));
}

/** Back while waiting leaves the run going; forward to its check URL shows the waiting page. */
function onPopState(): void {
  if (isAtCheck()) location.reload();
  for (const submission of submissions) if (submission.isModal() && !submission.isOver()) submission.toBackground();
}

/** Out of the back-forward cache, a page that waited asks the server how things are now. */
function onPageShow({ persisted }: PageTransitionEvent): void {
  if (!persisted) return;
  if (isAtCheck() || document.querySelector("[data-asynctask-check]")) location.reload();
  for (const submission of submissions) if (submission.isOver() && submission.isModal()) submission.close();
}

document.addEventListener("submit", onSubmit);
addEventListener("popstate", onPopState);
addEventListener("pageshow", onPageShow);
void watchWaitingPage();
