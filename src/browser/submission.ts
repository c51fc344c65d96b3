import type { PretixBody } from "../core/wire.ts";
import { enter, follow, httpUrl, leave } from "./address.ts";
import { showAnswerPage } from "./answer-page.ts";
import { type Answer, ask } from "./ask.ts";
import { isEnded, poll } from "./poll.ts";
import { openTaskDialog } from "./task-dialog.ts";
import { refusal, texts, unreachable } from "./texts.ts";

/** A redirect to a download leaves the page where it is; after this time the dialog says so, ms. */
const STILL_HERE = 5000;

/** A form that was sent, from the click until nothing is shown of its run any more. */
export interface Submission {
  readonly form: HTMLFormElement;
  isModal(): boolean;
  /** The end has come, and the page is about to be left or the user to close the dialog. */
  isOver(): boolean;
  toForeground(): void;
  /** Leaves the page to the user, and goes on watching the run in a notice. */
  toBackground(): void;
  /** Shows nothing more of the run, which goes on. */
  close(): void;
}

/** Sends the form and follows its run to the end. */
export function submit(form: HTMLFormElement, action: string, body: FormData, onClose: (submission: Submission) => void): Submission {
  const say = texts();
  const stop = new AbortController();
  const option = (name: string) => form.getAttribute(`data-asynctask-${name}`);
  const stays = option("no-redirect") !== null;
  let last: Partial<PretixBody> = {};
  let isCanceling = false;
  let isOver = false;
  const dialog = openTaskDialog({
    say,
    headline: option("headline") || say.headline,
    text: option("text") ?? "",
    onCancel: () => void cancel(),
    onBackground: toBackground,
    onClose: close,
  });
  const submission: Submission = { form, isModal: dialog.isModal, isOver: () => isOver, toForeground: dialog.showModal, toBackground, close };

  async function send(): Promise<void> {
    body.append("ajax", "1");
    if (stays) body.append("ajax_dont_redirect", "1");
    let answer: Answer | undefined = await ask(action, body, (percentage) => dialog.update({ status: say.sending, percentage, state: "" }));
    if (answer.kind === "body") {
      emit("start", answer.body);
      const check = httpUrl(answer.body.check_url);
      if (check && !isEnded(answer.body)) {
        if (dialog.isModal()) enter(check);
        show(answer);
        answer = await poll(() => checkUrl(check), show, stop.signal);
      }
    }
    if (answer && !stop.signal.aborted) await end(answer);
  }

  /** Where to ask; a page that stays where it is must not leave a message for the next one. */
  function checkUrl(check: string): string {
    return stays || !dialog.isModal() ? `${check}&ajax_dont_redirect=1` : check;
  }

  function show(answer: Answer): void {
    if (answer.kind === "body") {
      last = { ...last, ...answer.body };
      emit("progress", last);
    }
    const { percentage, state, note, steps } = last;
    const isLost = answer.kind === "failed";
    const status = isLost ? unreachable(say, answer.code) : isCanceling ? say.canceling : doing();
    dialog.update({ status, percentage: Math.min(100, Number(percentage) || 0), state: isLost ? "lost" : state, note, steps });
    dialog.offerCancel(Boolean(httpUrl(last.cancel_url)), isCanceling || state === "canceling");
  }

  /** What the run is doing, after a sentence for those who wait. */
  function doing(): string {
    const { text, state, started } = last;
    const own = state === "pending" ? undefined : text;
    const sentence = option("long") === null ? own || say.arrived : started ? say.started : say.queued;
    return own && own !== sentence ? `${sentence}\n${own}` : sentence;
  }

  async function cancel(): Promise<void> {
    const url = httpUrl(last.cancel_url);
    if (!url) return;
    const setCanceling = (is: boolean, answer: Answer) => {
      isCanceling = is;
      show(answer);
    };
    setCanceling(true, { kind: "body", body: last });
    const answer = await ask(url, new FormData());
    if (answer.kind === "failed" && !isOver) setCanceling(false, answer);
  }

  async function end(answer: Answer): Promise<void> {
    isOver = true;
    if (answer.kind === "body") return settle(answer.body);
    await leave();
    emit("error", answer);
    if (answer.kind === "failed") return dialog.end(say.failed, refusal(say, answer.code, answer.detail));
    if (answer.kind === "invalid") {
      // Where an app serves this script alone, the dialog says what is wrong as a whole.
      const { showFieldErrors } = await import("./field-errors.ts").catch(() => ({ showFieldErrors: undefined }));
      if (!showFieldErrors) return dialog.end(say.failed, answer.body.message);
      close();
      return showFieldErrors(form, answer.body);
    }
    close();
    if (answer.movedTo) follow(answer.movedTo);
    else showAnswerPage(answer.html);
  }

  async function settle(result: Partial<PretixBody>): Promise<void> {
    const { success, state, message = "", redirect } = result;
    const hasFailed = success === false;
    emit(hasFailed ? (state === "canceled" ? "canceled" : "error") : "success", result);
    if (redirect) dispatch("pretix:async-task-success", result);
    const target = httpUrl(redirect);
    const tell = (link?: string) => stop.signal.aborted || dialog.end(hasFailed ? say.failed : say.done, message, link);
    const mayGo = emit("end", result);
    if (!mayGo || (stays && !message)) return close();
    if (stays && dialog.isModal()) toBackground();
    if (stays || !target || !dialog.isModal()) return void tell(stays ? undefined : target);
    if (!hasFailed && option("download") !== null) {
      await leave();
      close();
    } else setTimeout(tell, STILL_HERE, target);
    follow(target);
  }

  function toBackground(): void {
    if (emit("background", last)) dialog.showNotice();
    else dialog.hide();
    void leave();
  }

  function close(): void {
    stop.abort();
    dialog.close();
    void leave();
    onClose(submission);
  }

  function emit(name: string, detail: unknown): boolean {
    return dispatch(`errand:${name}`, detail);
  }

  function dispatch(name: string, detail: unknown): boolean {
    return form.dispatchEvent(new CustomEvent(name, { detail, bubbles: true, cancelable: true }));
  }

  dialog.showModal();
  void send();
  return submission;
}
