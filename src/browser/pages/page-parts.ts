import { localizeTimes } from "./local-times.ts";

/** The part of a page that the script keeps true. */
export const PAGE = ".errand-tasks";

export function pagePart(): HTMLElement | null {
  return document.querySelector<HTMLElement>(PAGE);
}

/** Elements of an answer, not yet on the page: nothing in them runs or loads. */
export function readParts(html: string): DocumentFragment {
  const template = document.createElement("template");
  template.innerHTML = html;
  localizeTimes(template.content);
  return template.content;
}

/** Tells people who do not see the page. */
export function speak(text: string): void {
  const spoken = document.querySelector("[data-errand-spoken]");
  if (spoken) spoken.textContent = text;
}

/** Says that the server is out of reach, or takes that back. */
export function showOffline(isOffline: boolean): void {
  const note = document.querySelector<HTMLElement>("[data-errand-offline]");
  if (!note || note.hidden !== isOffline) return;
  note.hidden = !isOffline;
  note.textContent = isOffline ? (note.dataset.errandOffline ?? "") : "";
}
