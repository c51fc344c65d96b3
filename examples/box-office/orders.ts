import type { DatabaseSync } from "node:sqlite";
import { NotFound, UserError } from "errand";

/** An order cannot be changed as somebody wished; the message tells them why. */
export class OrderError extends UserError {}

export interface Order {
  readonly code: string;
  readonly customer: string;
  readonly event: string;
  readonly seats: readonly string[];
  readonly cents: number;
  /** ms since 1970; null while the order stands. */
  readonly canceled: number | null;
}

type Row = Omit<Order, "seats"> & { readonly seats: string };

const bundled: readonly Omit<Order, "canceled">[] = [
  { code: "ABC12", customer: "Zoë Example", event: "The Winter Concert", seats: ["Parkett R12 S7", "Parkett R12 S8"], cents: 9600 },
  { code: "DEF34", customer: "Łukasz Przykład", event: "The Winter Concert", seats: ["Balcony R2 S14"], cents: 3900 },
  { code: "GHJ56", customer: "Ελένη Παράδειγμα", event: "Late Night Quartet", seats: ["Gallery R1 S3", "Gallery R1 S4", "Gallery R1 S5"], cents: 7500 },
  { code: "KLM78", customer: "Søren Prøve", event: "Late Night Quartet", seats: ["Parkett R3 S1"], cents: 5400 },
];

/** The orders of the box office. */
export class Orders {
  readonly #database: DatabaseSync;

  constructor(database: DatabaseSync) {
    this.#database = database;
    this.#insertBundled();
  }

  list(): Order[] {
    const rows = this.#database.prepare("SELECT * FROM orders ORDER BY code").all() as unknown as Row[];
    return rows.map(orderOf);
  }

  /** @throws NotFound */
  get(code: string): Order {
    const row = this.#database.prepare("SELECT * FROM orders WHERE code = ?").get(code) as Row | undefined;
    if (!row) throw new NotFound("There is no order with this code.");
    return orderOf(row);
  }

  /** @throws NotFound, or OrderError when it is canceled already */
  cancel(code: string): Order {
    const { changes } = this.#database.prepare("UPDATE orders SET canceled = ? WHERE code = ? AND canceled IS NULL").run(Date.now(), code);
    const order = this.get(code);
    if (changes === 0) throw new OrderError("This order is already canceled.");
    return order;
  }

  /** Puts all orders back as they were in the beginning. */
  reset(): void {
    this.#database.exec("UPDATE orders SET canceled = NULL");
    this.#insertBundled();
  }

  #insertBundled(): void {
    const insert = this.#database.prepare("INSERT INTO orders (code, customer, event, seats, cents) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING");
    for (const { code, customer, event, seats, cents } of bundled) insert.run(code, customer, event, JSON.stringify(seats), cents);
  }
}

function orderOf(row: Row): Order {
  return { ...row, seats: JSON.parse(row.seats) as string[] };
}
