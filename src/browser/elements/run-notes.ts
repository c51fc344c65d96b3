import type { NotesBody, RunBody } from "../../core/wire.ts";
import { pause } from "./follow-document.ts";
import { getDocument } from "./run-requests.ts";

/** What is true at the moment is asked for so often, ms: it changes without the run's doing anything. */
const PAUSE = 10_000;

/** Keeps true what there is to say of a run besides its document: what is before it, how long it will still take, that there is no news. */
export class RunNotes {
  readonly #line: HTMLElement;
  #run: RunBody | undefined;
  #bell = Promise.withResolvers<void>();
  #isKeeping = false;

  constructor(line: HTMLElement) {
    this.#line = line;
  }

  /** From now on for this document of the run. In another state all that was said is untrue. */
  keep(run: RunBody): void {
    if (run.state !== this.#run?.state) {
      this.#line.textContent = "";
      this.#bell.resolve();
    }
    this.#run = run;
    if (this.#isKeeping || run.ended !== null) return;
    this.#isKeeping = true;
    void this.#ask();
  }

  async #ask(): Promise<void> {
    // The line is on the page a moment later.
    await Promise.resolve();
    for (;;) {
      const run = this.#run as RunBody;
      if (run.ended !== null || !this.#line.isConnected) break;
      this.#bell = Promise.withResolvers();
      const isSeen = !document.hidden && (this.#line.parentElement as HTMLElement).getClientRects().length > 0;
      const body = isSeen ? await getDocument<NotesBody>(new URL("notes/", run.url).href) : undefined;
      if (body && body !== "gone" && this.#run?.state === run.state) this.#line.textContent = body.notes.join("\n");
      await pause(PAUSE, this.#bell.promise);
    }
    this.#isKeeping = false;
  }
}
