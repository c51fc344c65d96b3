import type { RunFilter } from "../../../core/run-filter.ts";
import type { State } from "../../../core/states.ts";
import type { RunRestriction } from "../../access.ts";
import { isRunId } from "../../run-id.ts";
import { statesOf } from "../tasks/state-filter.tsx";

/** What a superuser looks for, as the form sends it. Undefined: does not matter. */
export interface AdminWishes {
  readonly state: string | undefined;
  readonly task: string | undefined;
  readonly owner: string | undefined;
  readonly search: string | undefined;
}

/** Reads the form. What no database could hold is passed over. */
export function adminWishes(query: URLSearchParams): AdminWishes {
  const wish = (name: string) => {
    const text = (query.get(name) ?? "").trim();
    return /^\P{Cc}{1,255}$/u.test(text) ? text.toWellFormed() : undefined;
  };
  return { state: statesOf(query.get("state")) && (query.get("state") ?? undefined), task: wish("task"), owner: wish("owner"), search: wish("search") };
}

/** The wishes within what the app lets this superuser see; null when nothing can be both. A part of a larger run is only found by its id. */
export function adminFilter(allowed: RunRestriction, { state, task, owner, search }: AdminWishes): RunFilter | null {
  const states = within(allowed.states, statesOf(state ?? null));
  const isOutside = (limit: string | null | undefined, wish: string | undefined) => limit !== undefined && wish !== undefined && limit !== wish;
  if (states?.length === 0 || isOutside(allowed.task, task) || isOutside(allowed.owner, owner)) return null;
  return {
    ...(search !== undefined && isRunId(search) ? {} : { parent: null }),
    ...allowed,
    ...(states && { states }),
    ...(task !== undefined && { task }),
    ...(owner !== undefined && { owner }),
    ...(search !== undefined && { search }),
  };
}

function within(limit: readonly State[] | undefined, wish: readonly State[] | undefined): readonly State[] | undefined {
  return limit && wish ? wish.filter((state) => limit.includes(state)) : (wish ?? limit);
}
