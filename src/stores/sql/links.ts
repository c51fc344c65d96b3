import { type RawBuilder, sql } from "kysely";
import type { LinkKind } from "../../core/link.ts";
import type { BlockedChild, Family, LinkStore, Member, Sums } from "../../core/links.ts";
import type { RunError } from "../../core/run.ts";
import { endedStates, type State } from "../../core/states.ts";
import { stateIn } from "./change-statement.ts";
import type { SqlContext } from "./context.ts";
import { slot } from "./statements.ts";
import { sumsOf } from "./sums.ts";

const unendedStates: readonly State[] = ["pending", "in_progress", "retrying", "canceling"];
/** Of those that have not ended, the ones that were not asked to. */
const unaskedStates: readonly State[] = ["pending", "in_progress", "retrying"];
/** As in the partial index of containers. */
const openContainerStates: readonly State[] = ["pending", "in_progress", "canceling"];

/** See `LinkStore`. */
export class SqlLinks implements LinkStore {
  readonly #context: SqlContext;

  constructor(context: SqlContext) {
    this.#context = context;
  }

  async family(id: string): Promise<Family | null> {
    const [row] = await this.#context.read(
      "family",
      (db) =>
        db
          .selectFrom("errand_runs")
          .select(["id", "kind", "parent", "on_failure", "state"])
          .where("id", "=", slot<string>("id"))
          .where("kind", "is not", null)
          .where("blocked", "is", null)
          .where(stateIn(openContainerStates)),
      { id },
    );
    if (!row) return null;
    const counts = { open: 0, blocked: 0, succeeded: 0, failed: 0, canceled: 0 };
    const rows = await this.#context.read(
      "family-counts",
      (db) =>
        db
          .selectFrom("errand_runs")
          .select(["state", sql<number>`blocked is not null`.as("waits"), sql<number>`count(*)`.as("count")])
          .where("parent", "=", slot<string>("id"))
          .groupBy(["state", sql`blocked is not null`]),
      { id },
    );
    for (const { state, waits, count } of rows as unknown as { state: State; waits: number; count: number }[]) {
      const ended = endedStates.find((candidate) => candidate === state);
      counts[ended ?? (waits ? "blocked" : "open")] += Number(count);
    }
    return {
      id,
      kind: row.kind as LinkKind,
      parent: row.parent as string | null,
      onFailure: row.on_failure === "continue" ? "continue" : "stop",
      state: row.state as State,
      ...counts,
    };
  }

  async isUnderWay(id: string): Promise<boolean> {
    const rows = await this.#context.read(
      "is-under-way",
      (db) =>
        db
          .selectFrom("errand_runs as box")
          .select("id")
          .where("id", "=", slot<string>("id"))
          .where(sql<boolean>`exists (${openChildOf("box")})`)
          .where(sql<boolean>`(on_failure = 'continue' or not exists (${stoppingChildOf("box")}))`),
      { id },
    );
    return rows.length > 0;
  }

  async unended(id: string, limit: number): Promise<{ id: string; kind: LinkKind | null }[]> {
    const rows = await this.#context.read(
      "unended-children",
      (db) =>
        db
          .selectFrom("errand_runs")
          .select(["id", "kind"])
          .where("parent", "=", slot<string>("id"))
          .where(stateIn(unaskedStates))
          .orderBy("position")
          .limit(slot<number>("limit")),
      { id, limit },
    );
    return rows.map((row) => ({ id: row.id as string, kind: row.kind as LinkKind | null }));
  }

  async blocked(id: string, limit: number): Promise<BlockedChild[]> {
    const rows = await this.#context.read(
      "blocked-children",
      (db) =>
        db
          .selectFrom("errand_runs")
          .select(["id", "kind", "position", "task", "name", "template"])
          .where("parent", "=", slot<string>("id"))
          .where("blocked", "is not", null)
          .where("state", "=", sql.lit("pending"))
          .orderBy("position")
          .limit(slot<number>("limit")),
      { id, limit },
    );
    return rows as unknown as BlockedChild[];
  }

  async results(id: string, before = Number.MAX_SAFE_INTEGER): Promise<(string | null)[]> {
    const rows = await this.#context.read(
      "child-results",
      (db) =>
        db
          .selectFrom("errand_runs")
          .select(sql<string | null>`case when state = 'succeeded' then result else 'null' end`.as("result"))
          .where("parent", "=", slot<string>("id"))
          .where("position", "<", sql<number>`cast(${slot("before")} as bigint)`)
          .orderBy("position"),
      { id, before },
    );
    return rows.map((row) => row.result as string | null);
  }

  async firstError(id: string): Promise<RunError | null> {
    const [row] = await this.#context.read(
      "first-error",
      (db) =>
        db
          .selectFrom("errand_runs")
          .select("error")
          .where("parent", "=", slot<string>("id"))
          .where(stateIn(["failed", "canceled"]))
          .where("error", "is not", null)
          .orderBy("position")
          .limit(1),
      { id },
    );
    return row ? (JSON.parse(row.error as string) as RunError) : null;
  }

  async sums(id: string): Promise<Sums> {
    return sumsOf(this.#context, id);
  }

  async members(root: string): Promise<Member[]> {
    const rows = await this.#context.read(
      "members",
      (db) =>
        db
          .selectFrom("errand_runs")
          .select(["id", "kind", "parent", "weight", "on_failure", "template", "task", "name", "owner", "queue", "priority", "input", "state"])
          .where(({ or, eb }) => or([eb.and([eb("id", "=", slot<string>("root")), eb("kind", "is not", null)]), eb("root", "=", slot<string>("root"))]))
          .where("removed", "is", null)
          .orderBy("id"),
      { root },
    );
    return rows.map(({ on_failure: onFailure, ...row }) => ({ ...row, onFailure })) as unknown as Member[];
  }

  async stuck(limit: number): Promise<string[]> {
    const rows = await this.#context.read(
      "stuck-containers",
      (db) =>
        db
          .selectFrom("errand_runs as box")
          .select("id")
          .where("kind", "is not", null)
          .where(stateIn(openContainerStates))
          .where("blocked", "is", null)
          .where(
            sql<boolean>`(
              not exists (${openChildOf("box")})
              or (kind = 'group' and exists (${childOf("box")} and child.blocked is not null and child.state = 'pending'))
              or (
                (state = 'canceling' or (on_failure = 'stop' and exists (${stoppingChildOf("box")})))
                and exists (${childOf("box")} and child.${stateIn(unaskedStates)})
              )
            )`,
          )
          .orderBy("id")
          .limit(slot<number>("limit")),
      { limit },
    );
    return rows.map((row) => row.id as string);
  }
}

function childOf(container: string): RawBuilder<unknown> {
  return sql`select 1 from errand_runs as child where child.parent = ${sql.ref(`${container}.id`)}`;
}

/** A child that has its turn and goes on. As in its partial index. */
function openChildOf(container: string): RawBuilder<unknown> {
  return sql`${childOf(container)} and child.blocked is null and child.${stateIn(unendedStates)}`;
}

/** A child whose end stops the others, unless they are to go on. As in its partial index. */
function stoppingChildOf(container: string): RawBuilder<unknown> {
  return sql`${childOf(container)} and child.state in ('failed', 'canceled')`;
}
