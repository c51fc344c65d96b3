import type { Run, RunWithArtifacts } from "../../core/run.ts";
import { isEnded, states } from "../../core/states.ts";
import type { Errand } from "../../runtime/errand.ts";
import { MOST_OPEN, NEWEST } from "../../runtime/owners/owner-feed.ts";
import { PACE_MS, Pace } from "./pace.ts";

/** Hears of runs as their documents show them. Revisions of one run may come late or twice. */
export interface Follower {
  changed(entry: RunWithArtifacts): void;
  gone(runId: string): void;
}

/** What somebody follows from now on. */
export interface Following {
  /** As it was when following began, oldest change first. */
  readonly entries: readonly RunWithArtifacts[];
  stop(): void;
}

/** What is needed of an errand. */
export type Watched = Pick<Errand, "watch" | "watchOwner" | "getWithArtifacts" | "listWithArtifacts" | "closing" | "log">;

/** A run, or all runs of an owner, with those who follow it; watched once for all of them. */
interface Topic {
  readonly followers: Set<Follower>;
  readonly watching: Promise<{ stop(): void } | null>;
}

const openStates = states.filter((state) => !isEnded(state));

/** Brings what changes of runs to all who follow it in this process: read once for all, and at most every 100 ms for each run, except its end. */
export class LiveRuns {
  readonly #errand: Watched;
  readonly #runs = new Map<string, Topic>();
  readonly #owners = new Map<string | null, Topic>();
  readonly #pace = new Pace<Run>(PACE_MS, (_, run) => void this.#show(run));
  /** The reading of each run that counts: not one that a later one, or the run's removal, has overtaken. */
  readonly #readings = new Map<string, symbol>();

  constructor(errand: Watched) {
    this.#errand = errand;
  }

  /** How many runs and owners are followed. */
  get topics(): number {
    return this.#runs.size + this.#owners.size;
  }

  /** Null when there is no such run. @throws StoreError */
  async followRun(runId: string, follower: Follower): Promise<Following | null> {
    const watch = () =>
      this.#errand.watch(
        runId,
        (run) => this.#moved(run),
        () => this.#gone(runId, this.#runs.get(runId)),
      );
    return this.#follow(this.#runs, runId, watch, follower, async () => {
      const entry = await this.#errand.getWithArtifacts(runId);
      return entry && [entry];
    });
  }

  /** The owner's runs that are no parts of others: the newest, and older ones that have not ended. @throws StoreError */
  async followOwner(owner: string | null, follower: Follower): Promise<Following> {
    const watch = async () => {
      let isBegun = false; // What is told before that, every follower reads.
      const watching = await this.#errand.watchOwner(owner, {
        onChange: (run) => {
          if (isBegun) this.#moved(run);
        },
        onGone: (runId) => this.#gone(runId, this.#owners.get(owner)),
      });
      isBegun = true;
      return watching;
    };
    const following = await this.#follow(this.#owners, owner, watch, follower, () => this.#newest(owner));
    return following as Following;
  }

  /** It listens before it reads, so that nothing in between is missed. */
  async #follow<Key>(
    topics: Map<Key, Topic>,
    key: Key,
    watch: () => Topic["watching"],
    follower: Follower,
    read: () => Promise<RunWithArtifacts[] | null>,
  ): Promise<Following | null> {
    const topic = topics.get(key) ?? { followers: new Set(), watching: watch() };
    topics.set(key, topic);
    topic.followers.add(follower);
    const stop = () => {
      topic.followers.delete(follower);
      if (topic.followers.size > 0 || topics.get(key) !== topic) return;
      topics.delete(key);
      topic.watching.then(
        (watching) => watching?.stop(),
        () => undefined, // It never began, and whoever wanted it was told.
      );
    };
    try {
      const entries = (await topic.watching) && (await read());
      if (!entries) stop();
      return entries && { entries, stop };
    } catch (error) {
      stop();
      throw error;
    }
  }

  async #newest(owner: string | null): Promise<RunWithArtifacts[]> {
    const mine = { owner, parent: null };
    const newest = await this.#errand.listWithArtifacts(mine, { limit: NEWEST });
    const last = newest.length < NEWEST ? undefined : newest.at(-1)?.run.id;
    const older = last === undefined ? [] : await this.#errand.listWithArtifacts({ ...mine, states: openStates }, { limit: MOST_OPEN, before: last });
    return [...newest, ...older].sort((one, other) => one.run.modified - other.run.modified);
  }

  #moved(run: Run): void {
    this.#pace.push(run.id, run, run.ended !== null);
  }

  #gone(runId: string, topic: Topic | undefined): void {
    this.#pace.drop(runId);
    this.#readings.delete(runId);
    for (const follower of topic?.followers ?? []) follower.gone(runId);
  }

  async #show(run: Run): Promise<void> {
    const reading = Symbol();
    this.#readings.set(run.id, reading);
    try {
      const entry = await this.#errand.getWithArtifacts(run.id);
      if (this.#readings.get(run.id) !== reading || !entry) return; // Its removal is told by itself.
      const topics = [this.#runs.get(run.id), run.parent === null ? this.#owners.get(run.owner) : undefined];
      for (const topic of topics) for (const follower of topic?.followers ?? []) follower.changed(entry);
    } catch (error) {
      if (this.#errand.closing.aborted) return;
      this.#errand.log.warn({ error, runId: run.id }, "Could not read a run that is followed; trying again.");
      this.#pace.push(run.id, { ...run }, false);
    } finally {
      if (this.#readings.get(run.id) === reading) this.#readings.delete(run.id);
    }
  }
}
