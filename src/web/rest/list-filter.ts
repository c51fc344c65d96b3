import type { ArtifactFilter, RunFilter } from "../../core/run-filter.ts";
import { type State, stateLabel, states } from "../../core/states.ts";
import type { RunRestriction } from "../access.ts";

/** What a query asks of the list of runs, as `runListQuery` lets it through. */
interface RunWishes {
  readonly state?: readonly string[] | undefined;
  readonly task?: string | undefined;
  readonly name?: string | undefined;
  readonly parent?: string | undefined;
  readonly created_after?: string | undefined;
  readonly created_before?: string | undefined;
}

/**
 * What the asker may see and wants to see, or null when nothing can be both. A query only ever narrows what `allowed` says. Runs that are
 * parts of others are only there when somebody asks for those of one container.
 */
export function wantedRuns(allowed: RunRestriction, wishes: RunWishes): RunFilter | null {
  const wanted = wishes.state && states.filter((state) => wishes.state?.some((text) => text === state || text === stateLabel(state)));
  const both = wanted && allowed.states ? wanted.filter((state) => allowed.states?.includes(state)) : (wanted ?? allowed.states);
  if (both?.length === 0 || (wishes.task !== undefined && allowed.task !== undefined && wishes.task !== allowed.task)) return null;
  const parent = wishes.parent ?? allowed.parent ?? null;
  if (allowed.parent !== undefined && parent !== allowed.parent) return null;
  const after = latest(allowed.createdAfter, time(wishes.created_after));
  const before = earliest(allowed.createdBefore, time(wishes.created_before));
  return {
    ...allowed,
    parent,
    ...given("states", both as readonly State[] | undefined),
    ...given("task", wishes.task ?? allowed.task),
    ...given("name", wishes.name),
    ...given("createdAfter", after),
    ...given("createdBefore", before),
  };
}

/** The same of the list of artifacts. */
export function wantedArtifacts(allowed: ArtifactFilter, run: string | undefined): ArtifactFilter | null {
  if (run === undefined) return allowed;
  return allowed.run === undefined || allowed.run === run ? { ...allowed, run } : null;
}

function time(text: string | undefined): number | undefined {
  return text === undefined ? undefined : Date.parse(text);
}

function latest(one: number | undefined, other: number | undefined): number | undefined {
  return one === undefined || other === undefined ? (one ?? other) : Math.max(one, other);
}

function earliest(one: number | undefined, other: number | undefined): number | undefined {
  return one === undefined || other === undefined ? (one ?? other) : Math.min(one, other);
}

function given<Key extends keyof RunFilter>(key: Key, value: RunFilter[Key] | undefined): Partial<RunFilter> {
  return value === undefined ? {} : { [key]: value };
}
