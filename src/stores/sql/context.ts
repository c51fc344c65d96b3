import type { CompiledQuery } from "kysely";
import type { Row, SqlDriver } from "./driver.ts";
import { type Bound, Statements } from "./statements.ts";

type Build = (db: SqlDriver["builder"]) => { compile(): CompiledQuery };

/** A driver and the statements that were compiled for it: what every part of the SQL store works with. */
export class SqlContext {
  readonly driver: SqlDriver;
  readonly statements = new Statements();

  constructor(driver: SqlDriver) {
    this.driver = driver;
  }

  bind(shape: string, build: Build, values: Readonly<Record<string, unknown>> = {}): Bound {
    return this.statements.bind(shape, () => build(this.driver.builder), values);
  }

  async read(shape: string, build: Build, values: Readonly<Record<string, unknown>> = {}): Promise<Row[]> {
    return this.driver.read(this.bind(shape, build, values));
  }

  /** The same, for a statement of many columns: each row is the list of its values, which costs half as much. */
  async readValues(shape: string, build: Build, values: Readonly<Record<string, unknown>> = {}): Promise<unknown[][]> {
    return (await this.driver.read({ ...this.bind(shape, build, values), positional: true })) as unknown as unknown[][];
  }

  /** What `use` makes of the first row's values, or null when there is no row; at once where the database answers so. */
  readFirst<T>(
    shape: string,
    build: Build,
    values: Readonly<Record<string, unknown>>,
    use: (row: readonly unknown[]) => T | Promise<T>,
  ): T | null | Promise<T | null> {
    const first = ([row]: readonly Row[]) => (row === undefined ? null : use(row as unknown as unknown[]));
    const rows = this.driver.read({ ...this.bind(shape, build, values), positional: true });
    return rows instanceof Promise ? rows.then(first) : first(rows);
  }

  /** The rows that one write returned; with `tells`, others are told that something has changed. @throws StoreError */
  async write(shape: string, build: Build, values: Readonly<Record<string, unknown>> = {}, tells?: "anything"): Promise<Row[]> {
    const [rows] = await this.driver.write([{ ...this.bind(shape, build, values), ...(tells && { tells }) }]);
    if (rows instanceof Error) throw rows;
    return rows ?? [];
  }
}
