import { hash } from "node:crypto";
import { migrations } from "../migrations/index.ts";

const made = migrations.flatMap(({ statements }) => statements.flatMap((statement) => /^CREATE TABLE (\w+)/.exec(statement)?.[1] ?? []));
const tables = new RegExp(`"?\\b(?:${made.join("|")})\\b"?`, "g");
/** Most statements that are remembered. There are some two hundred; lists come in several lengths. */
const MOST = 2000;

/** A statement as it is sent. */
export interface SentText {
  readonly text: string;
  /** Under which a connection keeps it prepared: the same text has the same name everywhere. */
  readonly name: string;
}

/** An identifier of PostgreSQL, quoted. */
export function identifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** Puts the schema before every table of Errand's in a statement, since an app's own connection looks for tables elsewhere. */
export class SchemaNames {
  readonly #schema: string;
  readonly #known = new Map<string, SentText>();

  constructor(schema: string) {
    this.#schema = identifier(schema);
  }

  qualify(statement: string): SentText {
    const known = this.#known.get(statement);
    if (known) return known;
    const text = statement.replace(tables, (table) => `${this.#schema}.${table}`);
    const sent = { text, name: `errand-${hash("sha256", text, "base64url").slice(0, 24)}` };
    if (this.#known.size >= MOST) this.#known.clear();
    this.#known.set(statement, sent);
    return sent;
  }
}
