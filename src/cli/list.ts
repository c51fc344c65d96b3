import type { RunFilter } from "../core/run-filter.ts";
import { type State, states } from "../core/states.ts";
import { print, readArguments, withErrand } from "./command.ts";
import { documentOf, table } from "./describe-run.ts";
import { UsageError } from "./usage-error.ts";

const options = {
  state: { type: "string", multiple: true },
  task: { type: "string" },
  owner: { type: "string" },
  name: { type: "string" },
  search: { type: "string" },
  limit: { type: "string", default: "20" },
  before: { type: "string" },
  parent: { type: "string" },
} as const;

/** `errand list <app>`: runs, newest first. */
export async function list(args: readonly string[]): Promise<void> {
  const { values, positionals } = readArguments(args, options);
  const { task, owner, name, search, before, parent } = values as Record<string, string | undefined>;
  const filter: RunFilter = {
    parent: parent ?? null,
    ...(values.state !== undefined && { states: (values.state as unknown as string[]).flatMap((value) => value.split(",")).map(asState) }),
    ...(task !== undefined && { task }),
    ...(owner !== undefined && { owner }),
    ...(name !== undefined && { name }),
    ...(search !== undefined && { search }),
  };
  const page = { limit: asLimit(values.limit as string), ...(before !== undefined && { before }) };
  await withErrand(positionals[0], async (errand) => {
    const runs = await errand.list(filter, page);
    if (values.json) print(JSON.stringify(runs.map((run) => documentOf(errand, run))));
    else print(runs.length === 0 ? "No runs." : table(runs));
  });
}

function asState(text: string): State {
  const state = states.find((candidate) => candidate === text.toLowerCase().replaceAll(" ", "_"));
  if (state) return state;
  throw new UsageError(`--state must be one of ${states.join(", ")}, but is ${text}.`);
}

function asLimit(text: string): number {
  const limit = Number(text);
  if (Number.isInteger(limit) && limit >= 1 && limit <= 1000) return limit;
  throw new UsageError(`--limit must be a whole number from 1 to 1000, but is ${text}.`);
}
