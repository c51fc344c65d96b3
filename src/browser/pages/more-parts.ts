import { localizeTimes } from "./local-times.ts";
import { showOffline } from "./page-parts.ts";

const list = "#part-list";
const more = "[data-errand-more]";

/** Adds the next page of a run's parts to those that are shown. */
export async function showMore(link: HTMLAnchorElement): Promise<void> {
  if (link.ariaBusy) return;
  link.ariaBusy = "true";
  const html = await fetch(link.href, { headers: { Accept: "text/html" } }).then(
    (response) => (response.ok ? response.text() : undefined),
    () => undefined,
  );
  link.ariaBusy = null;
  showOffline(html === undefined);
  if (html === undefined) return;
  const page = new DOMParser().parseFromString(html, "text/html");
  localizeTimes(page);
  const shown = document.querySelector<HTMLElement>(list);
  const found = [...(page.querySelector(list)?.children ?? [])].filter(({ id }) => !document.getElementById(id));
  shown?.append(...found);
  // From now on the section holds more than the server would show at once.
  shown?.closest("section")?.setAttribute("data-errand-kept", "");
  found[0]?.querySelector("a")?.focus();
  const next = page.querySelector<HTMLAnchorElement>(more);
  if (next) link.href = next.href;
  else link.remove();
}
