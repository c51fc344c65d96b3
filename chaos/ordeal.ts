import { appendFileSync } from "node:fs";
import { mkdtemp, realpath, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as rest } from "node:timers/promises";
import { isEnded } from "errand";
import { Crew } from "./crew.ts";
import { gather, runsOf } from "./evidence.ts";
import { type Figures, figuresOf } from "./figures.ts";
import { type Harm, type HarmName, harmsOf } from "./harms.ts";
import { joinInstallation, type Member } from "./installation.ts";
import { entriesIn } from "./journal.ts";
import type { Post } from "./member-process.ts";
import type { Extent, Options } from "./options.ts";
import type { Pair } from "./pairs.ts";
import { type Planned, planned } from "./plan.ts";
import { Random } from "./random.ts";
import { startServers } from "./servers.ts";
import { writeAllowance, writeSetting } from "./setting.ts";
import { violationsIn } from "./verdict.ts";

/** Once nothing more is done to them: after so long without the end of any run, the others count as stuck, ms. */
const STUCK_MS = 60_000;
/** How long listeners may take to hear of the last, ms. */
const HEARING_MS = 30_000;
/** How long after the sweep has found a lost lease another worker has surely begun anew, ms. */
const TAKEN_OVER_MS = 2500;
const LOOK_EVERY_MS = 250;
/** A harm that load does not come to comes all the same, ms. */
const LULL_MS = 15_000;
const OBSERVER = "observer";

export interface Ordeal {
  readonly pair: Pair;
  readonly figures: Figures;
  readonly seconds: number;
  readonly violations: readonly string[];
  /** What the processes have written, when it was kept. */
  readonly folder: string | undefined;
}

/** Puts an installation of its own under load, does everything to it that can be done, and looks at what became of its runs. */
export async function undergo(pair: Pair, { seed, extent, keep }: Options): Promise<Ordeal> {
  const began = performance.now();
  const folder = await mkdtemp(join(await realpath(tmpdir()), `errand-chaos-${pair.name}-`));
  const random = new Random(seed, pair.name);
  const plan = planned(extent.runs, random);
  const servers = await startServers(pair, folder, random);
  let violations: readonly string[] = ["It was not finished."];
  try {
    const isInProcess = pair.broker === "in-process";
    const { lease, sweepEvery, users, workers } = extent;
    const starters = isInProcess ? workers : 1;
    const { database, brokerUrl } = servers;
    const addresses = { database, broker: pair.broker, ...(brokerUrl !== undefined && { brokerUrl }) };
    writeSetting(folder, { ...addresses, seed, lease, sweepEvery, starters, users: Math.ceil(users / starters) }, plan);
    writeAllowance(folder, 0);
    const observer = await joinInstallation(folder, OBSERVER);
    await observer.errand.start();
    const crew = new Crew(posts(folder, extent, isInProcess));
    const harms = new Map<HarmName, number>();
    try {
      await crew.allAtWork();
      const parts = {
        crew,
        servers,
        random,
        outage: extent.outage,
        freeze: lease + sweepEvery + TAKEN_OVER_MS,
        done: (name: HarmName) => harms.set(name, (harms.get(name) ?? 0) + 1),
      };
      await afflict(folder, plan, new Ends(observer, plan), harmsOf(extent.harms, parts), users);
      note(folder, "no more is waited for");
      await allHeard(folder, plan);
      note(folder, "listeners have heard");
      await crew.end();
      note(folder, "the crew has ended");
    } finally {
      await crew.kill();
    }
    const evidence = await gather(folder, observer.store, plan, OBSERVER);
    violations = [...crew.faults, ...violationsIn(evidence)];
    await observer.errand.close({ grace: 0 });
    observer.close();
    note(folder, "the observer has ended");
    return {
      pair,
      figures: figuresOf(evidence, harms),
      seconds: Math.round((performance.now() - began) / 1000),
      violations,
      folder: keep || violations.length > 0 ? folder : undefined,
    };
  } finally {
    await servers.stop();
    if (!keep && violations.length === 0) await rm(folder, { recursive: true, force: true });
  }
}

function posts(folder: string, { workers, concurrency }: Extent, isInProcess: boolean): Post[] {
  const all = Array.from({ length: workers }, (_, place): Post => ({ folder, role: isInProcess ? "both" : "worker", place, concurrency }));
  return isInProcess ? all : [...all, { folder, role: "starter", place: 0, concurrency }];
}

/** Which runs have ended, as the store says. */
class Ends {
  readonly #observer: Member;
  readonly #open: Set<string>;
  readonly #count: number;

  constructor(observer: Member, plan: readonly Planned[]) {
    this.#observer = observer;
    this.#open = new Set(plan.map(({ id }) => id));
    this.#count = plan.length;
    observer.errand.on("userTaskStopped", ({ run }) => void this.#open.delete(run.id));
  }

  get count(): number {
    return this.#count - this.#open.size;
  }

  /** For what the listener was not told of: that is found out in the end. */
  async look(): Promise<void> {
    try {
      for (const { id, state } of (await runsOf(this.#observer.store, [...this.#open])).values()) if (isEnded(state)) this.#open.delete(id);
    } catch {
      // What it asks may be down.
    }
  }
}

/** Does one thing after the other, evenly over the run of the plan, and waits for the end of all runs, or of all hope. */
async function afflict(folder: string, plan: readonly Planned[], ends: Ends, harms: readonly Harm[], users: number): Promise<void> {
  const step = Math.max(0, plan.length - users) / (harms.length + 0.5);
  for (const [place, harm] of harms.entries()) {
    const due = Math.floor(step * (place + 0.5));
    // Enough to go on with while it is done, and some left for the next, however long it takes.
    writeAllowance(folder, Math.ceil(due + step + users));
    await lull(ends, due, LULL_MS);
    note(folder, `${harm.name} after ${ends.count}`);
    await harm.inflict();
    note(folder, `${harm.name} is over after ${ends.count}`);
  }
  writeAllowance(folder, plan.length);
  await lull(ends, plan.length, STUCK_MS);
}

/** To be read beside the logs of the processes. */
function note(folder: string, what: string): void {
  appendFileSync(join(folder, "harms.log"), `${new Date().toISOString()} ${what}\n`);
}

/** Resolves when so many have ended, or none did for so long. */
async function lull(ends: Ends, count: number, patience: number): Promise<void> {
  let [last, since] = [ends.count, performance.now()];
  while (ends.count < count && performance.now() - since < patience) {
    await rest(LOOK_EVERY_MS);
    if (ends.count === last) await ends.look();
    if (ends.count === last) continue;
    [last, since] = [ends.count, performance.now()];
  }
}

/** Resolves when listeners have heard of all, or have had the time to. */
async function allHeard(folder: string, plan: readonly Planned[]): Promise<void> {
  const deadline = performance.now() + HEARING_MS;
  for (;;) {
    const stops = entriesIn(folder).filter((entry) => entry.what === "stopped");
    const durable = new Set(stops.filter((stop) => stop.durable).map(({ run }) => run));
    const own = new Set(stops.filter((stop) => !stop.durable && stop.by === OBSERVER).map(({ run }) => run));
    if (Math.min(durable.size, own.size) >= plan.length || performance.now() > deadline) return;
    await rest(LOOK_EVERY_MS);
  }
}
