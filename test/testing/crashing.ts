import type { Run } from "../../src/core/run.ts";
import { type Errand, isEnded } from "../../src/index.ts";
import { sqlite } from "../../src/stores/sqlite.ts";
import { type Crash, type FakeClock, fakeClock, inlineErrand } from "../../src/testing/index.ts";
import { keptLog } from "../runtime/fixture.ts";
import { freshDatabase } from "../support/temp.ts";

/** What a task of these tests does in an attempt. */
export interface Program {
  readonly steps: number;
  readonly artifacts: number;
  /** So many attempts fail after their work. */
  readonly failing: number;
}

export const MAX_ATTEMPTS = 3;

/** What the tasks of one run did in all lives, and what their listeners heard. */
export class Journal {
  readonly attempts: number[] = [];
  readonly told: { readonly eventId: string; readonly state: Run["state"] }[] = [];
}

/** A database, and the time that goes by there, for one case after another. */
export class World {
  readonly clock: FakeClock = fakeClock({ patience: 60 });
  readonly file = freshDatabase();
  // As long as a handle is open, the others open and close without much ado.
  readonly #kept = sqlite(this.file);

  async open(): Promise<this> {
    await this.#kept.migrate();
    return this;
  }

  close(): Promise<void> {
    return this.#kept.close();
  }
}

/** One process after another that has to do with a run. */
export class Lives {
  readonly journal = new Journal();
  readonly #world: World;
  readonly runId: string;

  constructor(world: World, runId: string) {
    this.#world = world;
    this.runId = runId;
  }

  /** The next process. Tasks and listeners are defined anew, as the app's own code does it. */
  open(crash?: Crash) {
    const { file, clock } = this.#world;
    const errand = inlineErrand({ file, clock, log: keptLog(), ...(crash && { crash }) });
    const heard = Promise.withResolvers<void>();
    errand.on(
      "userTaskStopped",
      ({ run, eventId }) => {
        if (run.id !== this.runId) return;
        this.journal.told.push({ eventId, state: run.state });
        heard.resolve();
      },
      { durable: true, name: "audit" },
    );
    return { errand, task: defineWork(errand, this.journal), heard: heard.promise };
  }

  /** Lets time pass until the run has ended, if there is one, or `over` says that it need not. */
  async until(errand: Errand, over: () => boolean = () => false): Promise<void> {
    while (!over()) {
      await this.#world.clock.advance("10s");
      if (over()) return;
      const run = await errand.get(this.runId);
      if (!run || isEnded(run.state)) return;
    }
  }
}

function defineWork(errand: Errand, journal: Journal) {
  return errand.task({
    name: "work",
    retries: { times: MAX_ATTEMPTS - 1, delay: "5s" },
    calculateTotalSteps: (input) => (input as unknown as Program).steps,
    run: async (input, { status, artifacts, attempt }) => {
      const { steps, artifacts: files, failing } = input as unknown as Program;
      journal.attempts.push(attempt);
      for (let step = 0; step < steps; step++) {
        await status.setState(`Step ${step}`);
        await status.incrementCompletedSteps();
      }
      for (let file = 0; file < files; file++) {
        const leave = file % 2 === 0 ? artifacts.file : artifacts.append;
        await leave.call(artifacts, `file-${file}.txt`, `of attempt ${attempt}`);
      }
      if (attempt <= failing) throw new Error(`attempt ${attempt} fails`);
      return { attempt };
    },
  });
}
