import { localizeTimes } from "./local-times.ts";
import { morph } from "./morph.ts";
import { PAGE, pagePart, showOffline } from "./page-parts.ts";
import { showSelectAll } from "./select-all.ts";

const question = "[data-errand-question]";
let shownPath = location.pathname;

/**
 * Fetches a page of the site and shows it in place of this one, without a reload; a question becomes a dialog over this one.
 * Resolves with whether the server answered; never rejects.
 */
export async function visit(url: string, init?: RequestInit): Promise<boolean> {
  const response = await fetch(url, { ...init, headers: { Accept: "text/html" } }).catch(() => undefined);
  const html = await response?.text().catch(() => undefined);
  showOffline(html === undefined);
  if (!response || html === undefined) return false;
  const page = new DOMParser().parseFromString(html, "text/html");
  localizeTimes(page);
  const asked = page.querySelector<HTMLElement>(question);
  const wanted = page.querySelector(PAGE);
  const shown = pagePart();
  if (asked) ask(asked);
  else if (wanted && shown) show(page, shown, wanted, response);
  else if (init) showWhole(page);
  else if (url !== location.href) location.assign(url);
  return true;
}

/** Back or forward to an address that this script has put there. */
export function onPopState(): void {
  if (location.pathname !== shownPath) location.reload();
}

function show(page: Document, shown: Element, wanted: Element, { redirected, url }: Response): void {
  const { pathname } = new URL(url);
  if (redirected && pathname !== location.pathname) history.pushState(null, "", url);
  shownPath = location.pathname;
  document.title = page.title;
  morph(shown, wanted);
  showSelectAll();
  keepFocus();
}

/** After an error the answer is shown as it is: asking once more might do the work twice. */
function showWhole(page: Document): void {
  document.title = page.title;
  document.querySelector("main")?.replaceWith(document.adoptNode(page.querySelector("main") as HTMLElement));
}

/** Whoever has lost what they stood on finds themselves at what the page says first. */
function keepFocus(): void {
  if (document.activeElement && document.activeElement !== document.body) return;
  document.querySelector<HTMLElement>(".errand-flashes :last-child, .errand-tasks h1")?.focus();
}

function ask(content: HTMLElement): void {
  document.querySelector(`dialog:has(${question})`)?.remove();
  const dialog = document.createElement("dialog");
  dialog.className = "errand-page";
  dialog.setAttribute("aria-labelledby", "question");
  dialog.append(document.adoptNode(content));
  const opener = document.activeElement as HTMLElement | null;
  dialog.addEventListener("close", () => {
    dialog.remove();
    if (opener?.isConnected) opener.focus();
    else keepFocus();
  });
  document.body.append(dialog);
  dialog.showModal();
}
