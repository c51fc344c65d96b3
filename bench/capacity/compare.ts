import type { Store } from "errand";
import { postgres } from "errand/stores/postgres";
import { tell } from "../measure.ts";
import type { Database } from "./database.ts";
import { type Explained, ExplainingPool } from "./explaining-pool.ts";
import { type Known, knownOf, leaveOpen, type Question, questions } from "./questions.ts";

/** How one question did on the large table and on the small one. */
export interface Comparison {
  readonly name: string;
  readonly linear: boolean;
  /** ms, large and small. */
  readonly ms: readonly [large: number, small: number];
  /** Pages of 8 KiB that its statements looked at, large and small. */
  readonly pages: readonly [large: number, small: number];
  /** Indexes of the large table that served. */
  readonly indexes: readonly string[];
  /** Tables that PostgreSQL went through from end to end, large. */
  readonly scans: readonly string[];
}

/** What the store tells the planner on its own connections. */
const OWN = { enable_seqscan: "off", enable_sort: "off", jit: "off" };

class Side implements AsyncDisposable {
  readonly known: Known;
  readonly store: Store;
  readonly #database: Database;

  private constructor(database: Database, known: Known) {
    this.#database = database;
    this.known = known;
    this.store = postgres({ url: database.url, listen: false });
  }

  static async of(database: Database): Promise<Side> {
    const side = new Side(database, await knownOf(database));
    await leaveOpen(side.store);
    return side;
  }

  /** ms of one, from several in a row. */
  async time({ times, ask }: Question): Promise<number> {
    const begun = performance.now();
    for (let count = 0; count < times; count++) await ask(this.store, this.known);
    return (performance.now() - begun) / times;
  }

  async explain({ ask }: Question, settings: Readonly<Record<string, string>>): Promise<Explained[]> {
    const pool = new ExplainingPool(this.#database.url, settings);
    const store = postgres({ pool, listen: false });
    try {
      await ask(store, this.known);
      pool.explained.length = 0; // The first time it reads the catalogue too.
      await ask(store, this.known);
      return pool.explained;
    } finally {
      await store.close();
      await pool.end();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.store.close();
  }
}

/** Asks every question of both by turns, and has it explained. */
export async function compareAll(large: Database, small: Database, rounds: number): Promise<Comparison[]> {
  await using big = await Side.of(large);
  await using little = await Side.of(small);
  const comparisons: Comparison[] = [];
  for (const question of questions) {
    tell(`  ${question.name}`);
    comparisons.push(await compare(big, little, question, rounds));
  }
  return comparisons;
}

async function compare(large: Side, small: Side, question: Question, rounds: number): Promise<Comparison> {
  const times: [number, number][] = [];
  for (let round = 0; round <= (question.linear ? 1 : rounds); round++) {
    const [first, second] = round % 2 === 0 ? [large, small] : [small, large];
    const [one, other] = [await first.time(question), await second.time(question)];
    if (round > 0) times.push(round % 2 === 0 ? [one, other] : [other, one]);
  }
  const [middle] = times.sort(([a, b], [c, d]) => a / b - c / d).slice(Math.floor(times.length / 2));
  const [explained, little] = [await large.explain(question, OWN), await small.explain(question, OWN)];
  return {
    name: question.name,
    linear: question.linear ?? false,
    ms: middle as [number, number],
    pages: [pagesOf(explained), pagesOf(little)],
    indexes: [...new Set(explained.flatMap(({ indexes }) => indexes))].sort(),
    scans: [...new Set(explained.flatMap(({ scans }) => scans))].sort(),
  };
}

function pagesOf(explained: readonly Explained[]): number {
  return explained.reduce((sum, { pages }) => sum + pages, 0);
}
