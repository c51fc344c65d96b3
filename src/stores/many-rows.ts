import { type CompiledQuery, DummyDriver, Kysely, PostgresAdapter, PostgresIntrospector, PostgresQueryCompiler, sql } from "kysely";
import type { Schema } from "./schema.ts";
import { type ManyStatement, Slot } from "./statements.ts";

/** `given` is the table of the rows' values, to be selected from: a slot in the query stands for its column there. */
export type ManyBuilder = (build: (db: Kysely<Schema>, given: typeof GIVEN) => { compile(): CompiledQuery }) => ManyStatement;

const GIVEN = sql<Record<never, never>>`errand_given`.as("given");
const GIVEN_SQL = 'errand_given as "given"';

/** Slots that are numbers; all others are texts. */
const numbers: ReadonlySet<string> = new Set(
  `completedSteps totalSteps plannedSteps step stepFrom stepStarted blocked addAttempt addMaxAttempts addRev guardAttempt cancelOlderThan
  runAt runIn started ended cancelRequested lease priority maxAttempts timeout position weight`.split(/\s+/),
);

/** Writes values that are the same in every row into the statement, and columns of `given` in place of the others. */
class ManyCompiler extends PostgresQueryCompiler {
  protected override appendValue(value: unknown): void {
    if (value instanceof Slot) this.append(`given."g_${value.name}"`);
    else this.appendImmediateValue(value);
  }
}

const builder = new Kysely<Schema>({
  dialect: {
    createAdapter: () => new PostgresAdapter(),
    createDriver: () => new DummyDriver(),
    createIntrospector: (db) => new PostgresIntrospector(db),
    createQueryCompiler: () => new ManyCompiler(),
  },
});

/** See `ManyBuilder`, for PostgreSQL. */
export const manyRows: ManyBuilder = (build) => {
  const { sql: text } = build(builder, GIVEN).compile();
  const slots = [...new Set([...text.matchAll(/given\."g_(\w+)"/g)].map(([, name]) => name as string))];
  const lists = slots.map((name, index) => `$${index + 1}::${numbers.has(name) ? "bigint" : "text"}[]`);
  const columns = slots.map((name) => `"g_${name}"`);
  return { sql: text.replace(GIVEN_SQL, `unnest(${lists.join(", ")}) as given(${columns.join(", ")})`), slots };
};
