import { keepLive } from "./pages/live.ts";
import { localizeTimes } from "./pages/local-times.ts";
import { showMore } from "./pages/more-parts.ts";
import { pagePart } from "./pages/page-parts.ts";
import { enablePush } from "./pages/push-button.ts";
import { enableSelectAll } from "./pages/select-all.ts";
import { onPopState, visit } from "./pages/visit.ts";

/** Forms of these pages go without a reload; that of a search is a page of its own. */
async function onSubmit(event: SubmitEvent): Promise<void> {
  const form = event.target as HTMLFormElement;
  if (event.defaultPrevented || form.method !== "post" || !form.closest(".errand-tasks, dialog")) return;
  event.preventDefault();
  if (form.ariaBusy === "true") return;
  form.ariaBusy = "true";
  const fields = new URLSearchParams([...new FormData(form, event.submitter)].filter((pair): pair is [string, string] => typeof pair[1] === "string"));
  const isAnswered = await visit(form.getAttribute("action") as string, { method: "POST", body: fields });
  form.ariaBusy = null;
  if (isAnswered) form.closest("dialog")?.close();
}

/** A question is asked on the spot, unless it is wanted in a tab of its own. */
function onClick(event: MouseEvent): void {
  const link = (event.target as Element).closest<HTMLAnchorElement>("a[data-errand-confirm], a[data-errand-more], dialog a[data-errand-close]");
  if (!link || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  if (link.hasAttribute("data-errand-close")) link.closest("dialog")?.close();
  else if (link.hasAttribute("data-errand-more")) void showMore(link);
  else void visit(link.href);
}

/** Somebody who comes back to the page sees what was started meanwhile. */
function onReturn(): void {
  if (!document.hidden && pagePart()?.dataset.errandLive && !document.querySelector("dialog")) void visit(location.href);
}

if (pagePart()) {
  localizeTimes(document);
  enableSelectAll();
  document.addEventListener("submit", (event) => void onSubmit(event));
  document.addEventListener("click", onClick);
  document.addEventListener("visibilitychange", onReturn);
  addEventListener("popstate", onPopState);
  addEventListener("pageshow", ({ persisted }) => persisted && location.reload());
  void keepLive();
  void enablePush();
}
