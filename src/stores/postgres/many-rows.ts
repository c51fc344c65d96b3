import { DummyDriver, Kysely, PostgresAdapter, PostgresIntrospector, PostgresQueryCompiler, sql } from "kysely";
import type { ManyBuilder } from "../sql/driver.ts";
import type { Schema } from "../sql/schema.ts";
import { Slot } from "../sql/statements.ts";

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

/** Slots in which what is written together mostly has the same: what the task says, and what the worker does. */
const oftenShared: ReadonlySet<string> = new Set(
  `task queue priority maxAttempts timeout runIn addAttempt addMaxAttempts addRev guardAttempt guardWorker cancelOlderThan worker lease started
  ended stepStarted cancelRequested`.split(/\s+/),
);

/** See `ManyBuilder`. */
export const manyRows: ManyBuilder = (build) => {
  const { sql: text } = build(builder, GIVEN).compile();
  const slots = [...new Set([...text.matchAll(/given\."g_(\w+)"/g)].map(([, name]) => name as string))];
  const [shared, own] = [slots.filter((name) => oftenShared.has(name)), slots.filter((name) => !oftenShared.has(name))];
  const many = { sql: fromLists(text, slots), slots };
  if (shared.length === 0) return many;
  const once = text.replace(/given\."g_(\w+)"/g, (given, name: string) => {
    const place = shared.indexOf(name);
    return place < 0 ? given : `$${own.length + place + 1}::${typeOf(name)}`;
  });
  return { ...many, alike: { sql: fromLists(once, own), slots: own, shared } };
};

function fromLists(text: string, slots: readonly string[]): string {
  const lists = slots.map((name, index) => `$${index + 1}::${typeOf(name)}[]`);
  const columns = slots.map((name) => `"g_${name}"`);
  return text.replace(GIVEN_SQL, `unnest(${lists.join(", ")}) as given(${columns.join(", ")})`);
}

function typeOf(slot: string): string {
  return numbers.has(slot) ? "bigint" : "text";
}
