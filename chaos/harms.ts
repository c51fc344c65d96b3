import { setTimeout as rest } from "node:timers/promises";
import type { Crew, Member } from "./crew.ts";
import type { Random } from "./random.ts";
import type { Dependency, Servers } from "./servers.ts";

export type HarmName = "kill" | "kill starter" | "freeze" | "outage" | "flush" | "cut";

export interface Harm {
  readonly name: HarmName;
  inflict(): Promise<void>;
}

export interface HarmCounts {
  /** Of workers, beside those within an outage. */
  readonly kills: number;
  readonly starterKills: number;
  readonly freezes: number;
  /** Of each thing that the installation needs. */
  readonly outages: number;
  readonly flushes: number;
  readonly cuts: number;
}

export interface HarmParts {
  readonly crew: Crew;
  readonly servers: Servers;
  readonly random: Random;
  /** How long an outage takes, ms. */
  readonly outage: number;
  /** How long a worker is frozen, ms: longer than a lease. */
  readonly freeze: number;
  /** Told of each thing that is done. */
  readonly done: (name: HarmName) => void;
}

/** What is done to an installation, in a random order. */
export function harmsOf(counts: HarmCounts, parts: HarmParts): Harm[] {
  const { crew, servers, random, done } = parts;
  const times = (count: number, name: HarmName, inflict: () => Promise<void>): Harm[] => Array.from({ length: count }, () => ({ name, inflict }));
  const kill = async (role: "worker" | "starter"): Promise<void> => {
    random.of(postsOf(crew, role)).process.signal("SIGKILL");
    done(role === "worker" ? "kill" : "kill starter");
  };
  const { flush, cut } = servers;
  return random.shuffled([
    ...times(counts.kills, "kill", () => kill("worker")),
    ...times(postsOf(crew, "starter").length > 0 ? counts.starterKills : 0, "kill starter", () => kill("starter")),
    ...times(counts.freezes, "freeze", () => freeze(parts)),
    ...servers.dependencies.flatMap((dependency) => times(counts.outages, "outage", () => outage(parts, dependency, () => kill("worker")))),
    ...(flush ? times(counts.flushes, "flush", async () => flush().then(() => done("flush"))) : []),
    ...(cut ? times(counts.cuts, "cut", async () => cut().then(() => done("cut"))) : []),
  ]);
}

function postsOf(crew: Crew, role: "worker" | "starter"): Member[] {
  return crew.members.filter(({ post }) => (post.role === "starter") === (role === "starter"));
}

/** A worker stands still for longer than its leases last, then goes on as if nothing had been. */
async function freeze({ crew, random, freeze, done }: HarmParts): Promise<void> {
  const { process } = random.of(postsOf(crew, "worker"));
  process.signal("SIGSTOP");
  await rest(freeze);
  process.signal("SIGCONT");
  done("freeze");
}

/** In the middle of it a worker is killed: its successor begins without what it needs. */
async function outage({ crew, outage, done }: HarmParts, dependency: Dependency, kill: () => Promise<void>): Promise<void> {
  crew.expectTrouble();
  await dependency.down();
  await rest(outage / 2);
  await kill();
  await rest(outage / 2);
  await dependency.up();
  await crew.allAtWork();
  done("outage");
}
