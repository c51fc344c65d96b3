import type { CompiledQuery } from "kysely";

/** Stands for a value in a query that is compiled once and bound many times. */
export class Slot {
  readonly name: string;
  constructor(name: string) {
    this.name = name;
  }
}

/** A place in a query for the value that `bind` is given under `name`. Its type is what the query expects there. */
export function slot<T>(name: string): T {
  return new Slot(name) as T;
}

/** The place of the store's own clock, for a database that has none in its language: whoever runs the statement fills it. */
export const CLOCK = slot<unknown>("clock");

/** A write of any number of rows. Each parameter is the list of what the rows have in one slot. */
export interface ManyStatement {
  readonly sql: string;
  readonly slots: readonly string[];
  /** The same for rows that have the same in all of its `shared` slots: what stands there is sent once, after the lists of the others. */
  readonly alike?: { readonly sql: string; readonly slots: readonly string[]; readonly shared: readonly string[] };
}

type Values = Readonly<Record<string, unknown>>;

export interface Bound {
  readonly sql: string;
  readonly parameters: readonly unknown[];
  /** Its rows come as lists of values in the order of the columns, which costs half as much where the columns are many. */
  readonly positional?: boolean;
  /** The same for any number of rows, where the database can. */
  readonly many?: ManyStatement;
  /** What `many` has of this row, by slot. */
  readonly values?: Values;
  /** The run that it writes: what is written of one run in one group is done in order. */
  readonly runId?: string;
  /** Whom others are told of after it: the run that its positional row is, the pending run that it inserts, or anything. Nobody is told of the rest. */
  readonly tells?: "run" | "pending" | "anything";
  /** Stands or falls with this one: run only if this one returned a row, and when it fails, both are undone. It may have a follow itself, run after it. */
  readonly follow?: Bound;
  /** Of a follow: when it returns no row, all are undone, and none returned any. */
  readonly required?: true;
}

/** The statement with others that follow it, in order. */
export function followedBy(statement: Bound, follows: readonly Bound[]): Bound {
  const follow = follows.reduceRight<Bound | undefined>((next, each) => (next ? { ...each, parameters: each.parameters, follow: next } : each), undefined);
  return follow ? { ...statement, parameters: statement.parameters, follow } : statement;
}

interface Compiled {
  readonly sql: string;
  readonly parameters: readonly unknown[];
  readonly many: ManyStatement | undefined;
}

/** One of those that mostly go with others, by their values: it is filled only when it goes alone. */
class BoundRow implements Bound {
  readonly sql: string;
  readonly many: ManyStatement | undefined;
  readonly values: Values;
  readonly positional: boolean | undefined;
  readonly runId: string | undefined;
  readonly tells: Bound["tells"];
  readonly #parameters: readonly unknown[];

  constructor({ sql, many, parameters }: Compiled, values: Values, marks: Marks = {}) {
    this.sql = sql;
    this.many = many;
    this.values = values;
    this.positional = marks.positional;
    this.runId = marks.runId;
    this.tells = marks.tells;
    this.#parameters = parameters;
  }

  get parameters(): readonly unknown[] {
    return filled(this.#parameters, this.values);
  }
}

type Marks = Pick<Bound, "positional" | "runId" | "tells">;

/**
 * Queries by shape: each is built and compiled by Kysely at its first use and only bound afterwards, since building the same query for
 * every write would cost more than running it.
 */
export class Statements {
  readonly #compiled = new Map<string, Compiled>();

  /** The statement of this shape with `values` in its slots, and what `marks` say of it. `build` and `buildMany` run once per shape. */
  bind(shape: string, build: () => { compile(): CompiledQuery }, values: Values, buildMany?: (() => ManyStatement) | undefined, marks?: Marks): Bound {
    let compiled = this.#compiled.get(shape);
    if (compiled === undefined) {
      const { sql, parameters } = build().compile();
      compiled = { sql, parameters, many: buildMany?.() };
      this.#compiled.set(shape, compiled);
    }
    return compiled.many ? new BoundRow(compiled, values, marks) : { ...marks, sql: compiled.sql, parameters: filled(compiled.parameters, values) };
  }
}

function filled(parameters: readonly unknown[], values: Values): unknown[] {
  return parameters.map((parameter) => (parameter instanceof Slot && parameter !== CLOCK ? values[parameter.name] : parameter));
}
