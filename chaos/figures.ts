import type { Evidence } from "./evidence.ts";
import type { HarmName } from "./harms.ts";
import type { Entry } from "./journal.ts";

/** What happened to one pair. */
export interface Figures {
  readonly runs: number;
  readonly ended: number;
  readonly kills: number;
  readonly frozen: number;
  readonly outages: number;
  readonly flushes: number;
  readonly cuts: number;
  readonly attempts: number;
  /** Runs that took more than one. */
  readonly retried: number;
  /** Deliveries that nobody had asked for. */
  readonly doubled: number;
  /** Deliveries that led to no attempt. */
  readonly refused: number;
  /** Runs that the sweep took from a dead or silent worker. */
  readonly swept: number;
  /** Deliveries that the sweep sent again. */
  readonly resent: number;
  /** Stop events that the durable listener heard more than once. */
  readonly reheard: number;
}

export function figuresOf({ plan, runs, entries }: Evidence, harms: ReadonlyMap<HarmName, number>): Figures {
  const rows = [...runs.values()];
  const done = (name: HarmName): number => harms.get(name) ?? 0;
  const count = (fits: (entry: Entry) => boolean): number => entries.filter(fits).length;
  const heard = Map.groupBy(
    entries.filter((entry) => entry.what === "stopped" && entry.durable),
    (entry) => ("run" in entry ? entry.run : ""),
  );
  return {
    runs: plan.length,
    ended: rows.filter(({ ended }) => ended !== null).length,
    kills: done("kill") + done("kill starter"),
    frozen: done("freeze"),
    outages: done("outage"),
    flushes: done("flush"),
    cuts: done("cut"),
    attempts: rows.reduce((sum, { attempt }) => sum + attempt, 0),
    retried: rows.filter(({ attempt }) => attempt > 1).length,
    doubled: count(({ what }) => what === "duplicated"),
    refused: count(({ what }) => what === "refused"),
    swept: count(({ what }) => what === "swept"),
    resent: entries.reduce((sum, entry) => sum + (entry.what === "redispatched" ? entry.count : 0), 0),
    reheard: [...heard.values()].filter(({ length }) => length > 1).length,
  };
}
