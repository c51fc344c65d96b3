import type { Broker } from "../../core/broker.ts";
import type { BlockedChild, Family } from "../../core/links.ts";
import type { Run, RunError } from "../../core/run.ts";
import { endedStates, isEnded, statesBefore } from "../../core/states.ts";
import type { Change, RunValues, Store } from "../../core/store.ts";
import type { Log, TaskDefinition } from "../../core/task.ts";
import { errorArtifact } from "../attempts/outcome.ts";
import { cancelRun } from "../cancel.ts";
import { deliveryOf } from "../delivery-of.ts";
import type { Dispatcher } from "../dispatcher.ts";
import type { Writer } from "../writer.ts";
import { endContainer, endingOf } from "./container-end.ts";
import { EarlierResults, fill } from "./fill.ts";

/** Children that are released or stopped in one step. */
const BATCH = 500;
/** Most containers that one sweep looks at. */
const SWEPT = 200;
/** Containers that are remembered as begun, so that not every child says so again. */
const REMEMBERED = 1000;

export interface LinksParts {
  readonly store: Store;
  readonly writer: Writer;
  readonly broker: Broker;
  readonly dispatcher: Dispatcher;
  readonly tasks: ReadonlyMap<string, TaskDefinition>;
  readonly log: Log;
}

/**
 * Moves containers on: after each end of a child it decides, from what the store says and nothing else, what is next. Every step is a
 * guarded write, so any number of processes may do it at once, and what one that died has left is found by the sweep.
 */
export class Links {
  readonly #parts: LinksParts;
  readonly #begun = new Set<string>();
  /** Containers below which something has ended, to be looked at once per turn of the event loop. */
  readonly #dirty = new Set<string>();
  #turn: Promise<void> | undefined;

  constructor(parts: LinksParts) {
    this.#parts = parts;
  }

  /** This process has written a run that is a child. */
  childWritten(run: Run & { parent: string }): void {
    if (run.state === "in_progress") this.#begin(run.parent);
    if (!isEnded(run.state)) return;
    this.#dirty.add(run.parent);
    this.#turn ??= new Promise<void>((turned) => setImmediate(() => void this.#takeTurn().then(turned)));
  }

  /** Decides what is next for a container, until there is nothing more to do for now. */
  async advance(id: string): Promise<void> {
    const { links } = this.#parts.store;
    for (let family = await links.family(id); family; family = await links.family(id)) {
      const ending = endingOf(family);
      if (ending !== null && family.open + family.blocked > 0) {
        if ((await this.#stopChildren(id)) === 0) return; // The rest has been asked to stop.
      } else if (ending === null && family.blocked > 0 && (family.kind === "group" || family.open === 0)) {
        await this.#release(family);
        if (family.kind !== "group") return;
      } else if (family.open > 0) {
        return;
      } else {
        await endContainer(this.#parts, family, ending);
        return;
      }
    }
  }

  /** Wishes the end of all below a container. The snapshot after the wish; null when it has ended or is none. */
  async cancel(id: string): Promise<Run | null> {
    const change: Change = {
      id,
      guard: { states: statesBefore("canceling", "link") },
      patch: { set: { state: "canceling", blocked: null } },
    };
    const run = await this.#parts.writer.change(change);
    await this.advance(id); // Whoever wished it before may have died on the way.
    return run;
  }

  /** Looks after containers that a process left in the middle. */
  async sweep(): Promise<void> {
    for (const id of await this.#parts.store.links.stuck(SWEPT)) await this.#try(id, () => this.advance(id));
  }

  /** Waits for what is being decided. */
  async stop(): Promise<void> {
    while (this.#turn) await this.#turn;
  }

  async #takeTurn(): Promise<void> {
    const { links } = this.#parts.store;
    for (const id of this.#dirty) {
      this.#dirty.delete(id);
      await this.#try(id, async () => {
        if (!(await links.isUnderWay(id))) await this.advance(id);
      });
    }
    this.#turn = undefined;
  }

  async #try(id: string, step: () => Promise<void>): Promise<void> {
    try {
      await step();
    } catch (error) {
      this.#parts.log.warn({ error, runId: id }, "Linked runs could not be moved on; the sweep will do it.");
    }
  }

  /** Notes that something below a container has begun. */
  #begin(id: string): void {
    if (this.#begun.has(id)) return;
    if (this.#begun.size >= REMEMBERED) this.#begun.clear();
    this.#begun.add(id);
    const change: Change = {
      id,
      guard: { states: ["pending"] },
      patch: { set: { state: "in_progress", started: { fromNow: 0 } } },
    };
    this.#parts.writer.change(change).catch((error: unknown) => {
      this.#begun.delete(id);
      this.#parts.log.warn({ error, runId: id }, "It could not be noted that linked runs have begun.");
    });
  }

  /** Returns how many children moved. */
  async #stopChildren(id: string): Promise<number> {
    const children = await this.#parts.store.links.unended(id, BATCH);
    const stopped = await Promise.all(children.map(({ id: child, kind }) => (kind === null ? cancelRun(this.#parts, child) : this.cancel(child))));
    return stopped.filter((run) => run !== null).length;
  }

  async #release(family: Family): Promise<void> {
    const { store, writer, dispatcher, tasks } = this.#parts;
    const children = await store.links.blocked(family.id, family.kind === "group" ? BATCH : 1);
    const earlier = new EarlierResults(store);
    const released = await Promise.all(
      children.map(async (child) => {
        const set = child.kind === null ? await fill(tasks, earlier, child) : {};
        return { child, run: await writer.change(isRefusal(set) ? refusing(family, child, set.error) : releasing(family, child, set)) };
      }),
    );
    const ready = released.flatMap(({ child, run }) => (run && child.kind === null && run.state === "pending" ? [deliveryOf(run)] : []));
    await dispatcher.offer(ready);
    for (const { child, run } of released) if (run && child.kind !== null) await this.advance(child.id);
  }
}

function isRefusal(filled: object): filled is { error: RunError } {
  return "error" in filled;
}

/** Its turn has come: only if it still waits for it, and whoever decided that had not seen an older state of those before it. */
function releasing(family: Family, child: BlockedChild, set: Partial<RunValues>): Change {
  return {
    id: child.id,
    guard: turnOf(family),
    patch: { set: { ...set, blocked: null, ...(child.kind === null && { runAt: { fromNow: 0 } }) } },
  };
}

/** A step whose input cannot be made has failed before it began. */
function refusing(family: Family, child: BlockedChild, error: RunError): Change {
  return {
    id: child.id,
    guard: turnOf(family),
    patch: { set: { state: "failed", blocked: null, error, ended: { fromNow: 0 } } },
    leave: errorArtifact({ id: child.id, attempt: 0 }, error),
  };
}

function turnOf({ kind, onFailure }: Family): Change["guard"] {
  const before = onFailure === "continue" ? endedStates : (["succeeded"] as const);
  return { states: ["pending"], blocked: true, ...(kind !== "group" && { follows: before }) };
}
