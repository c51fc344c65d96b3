import { z } from "zod";
import { type ErrandOptions, type RunHandle, type Task, UserError } from "../../../src/index.ts";
import type { WebOptions } from "../../../src/web/index.ts";
import { Turnstile } from "../../browser/turnstile.ts";
import { until } from "../../runtime/fixture.ts";
import { openSite, type TestSite } from "../fixture.ts";

const wish = z.object({
  /** Name of the run. */
  name: z.string().default("Export of Tea"),
  how: z.enum(["make", "break", "refuse", "hold", "again"]),
  steps: z.number().int().default(4),
  /** Steps that are done before it holds or breaks. */
  done: z.number().int().default(2),
  says: z.string().default("Exporting chapter 3"),
  texts: z.array(z.tuple([z.string(), z.string()])).default([]),
  files: z.array(z.tuple([z.string(), z.string()])).default([]),
  urls: z.array(z.tuple([z.string(), z.string()])).default([]),
});

export type Wish = z.input<typeof wish>;

export interface TaskSite extends TestSite {
  readonly exporting: Task<Wish, unknown>;
  /** Starts a run and resolves once it has ended, or holds, or waits for another attempt. */
  run(owner: string | null, wish: Wish): Promise<RunHandle>;
  /** Lets a run that holds go on by so many steps. */
  release(runId: string, steps?: number): void;
}

/** A site with one task that does as it is told. */
export async function openTaskSite(options: WebOptions = {}, errandOptions: ErrandOptions = {}): Promise<TaskSite> {
  const site = await openSite(options, errandOptions);
  const turnstiles = new Map<string, Turnstile>();
  const turnstileOf = (runId: string): Turnstile => {
    const turnstile = turnstiles.get(runId) ?? new Turnstile();
    turnstiles.set(runId, turnstile);
    return turnstile;
  };
  const exporting = site.errand.task({
    name: "export_course",
    input: wish,
    retries: { times: 2, delay: "1h" },
    generateName: ({ name }) => name,
    calculateTotalSteps: ({ steps }) => steps,
    run: async ({ how, steps, done, says, texts, files, urls }, { status, artifacts, signal, runId }) => {
      await status.setState(says);
      await status.incrementCompletedSteps(done);
      for (const [name, text] of texts) await artifacts.text(text, name);
      for (const [name, text] of files) await artifacts.file(name, text);
      for (const [name, url] of urls) await artifacts.url(url, name);
      if (how === "again") throw new Error("The press is jammed.");
      if (how === "break") return { broken: () => undefined } as never;
      if (how === "refuse") throw new UserError("The course has no sections.");
      for (let step = done; step < steps; step++) {
        if (how === "hold") await turnstileOf(runId).pass(signal);
        await status.incrementCompletedSteps();
      }
      return { sections: steps };
    },
  });
  return {
    ...site,
    exporting: exporting as Task<Wish, unknown>,
    run: async (owner, asked) => {
      const { says, done, how } = wish.parse(asked);
      const handle = await exporting.start(asked as never, { owner });
      await until(site.errand, handle.id, ({ state, stateText, completedSteps }) =>
        how === "hold" ? stateText === says && completedSteps === done : state !== "pending" && state !== "in_progress",
      );
      return handle;
    },
    release: (runId, steps = 1000) => turnstileOf(runId).let(steps),
  };
}
