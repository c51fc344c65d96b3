import { httpUrl } from "./address.ts";
import { showAnswerPage } from "./answer-page.ts";
import type { Answer } from "./ask.ts";
import { poll } from "./poll.ts";
import { announcer, percent } from "./progress-words.ts";
import { showSteps } from "./step-lines.ts";
import { refusal, texts, unreachable } from "./texts.ts";

/**
 * Brings the page that waits without JavaScript to life, so that it needs no reload: an element with `data-asynctask-check` (the check
 * URL with `ajax=1`), in it a `progress`, perhaps with the number beside it, and a `.errand-status`.
 */
export async function watchWaitingPage(): Promise<void> {
  const page = document.querySelector<HTMLElement>("[data-asynctask-check]");
  const url = httpUrl(page?.dataset.asynctaskCheck);
  const status = page?.querySelector(".errand-status");
  const progress = page?.querySelector("progress");
  if (!page || !url || !status || !progress) return;
  const say = texts();
  const announce = announcer(page);
  const write = (text: string, percentage?: number, state?: string) => {
    status.textContent = text;
    announce(text, percentage, state);
  };
  const show = (answer: Answer) => {
    if (answer.kind === "failed") write(unreachable(say, answer.code), 0, "lost");
    if (answer.kind !== "body") return;
    const { percentage, text, note, steps, state } = answer.body;
    const aside = page.querySelector(".errand-note");
    // What is heard as it happens lacks them: the next answer brings them.
    if (aside && note !== undefined) aside.textContent = note;
    if (steps) showSteps(page.querySelector(".errand-steps"), steps);
    if (percentage) {
      progress.max = 100;
      progress.value = percentage;
      progress.ariaLabel = document.title;
      if (progress.nextElementSibling) progress.nextElementSibling.textContent = percent(percentage);
    }
    if (text) write(text, percentage, state);
  };
  // The form's own answer leads on; a second way there would take its message away.
  const leaving = new AbortController();
  page.addEventListener("submit", () => leaving.abort());
  const answer = await poll(() => url, show, leaving.signal);
  if (answer?.kind === "failed") write(refusal(say, answer.code, answer.detail));
  else if (answer?.kind === "page" && !answer.movedTo) showAnswerPage(answer.html);
  else if (answer?.kind === "page") location.replace(answer.movedTo as string);
  else if (answer?.kind === "body") location.replace(httpUrl(answer.body.redirect) ?? location.href);
}
