import type { z } from "zod";
import { fromCursor } from "./cursor.ts";
import { InvalidQuery, type QueryFault } from "./invalid-query.ts";

/** What both lists take. */
interface PageValues {
  readonly limit: number;
  readonly cursor?: string | undefined;
}

type ListSchema = z.ZodObject<Readonly<Record<string, z.ZodType>>>;

/** A list's query, checked. `before` is what the cursor stands for. */
export type ListQuery<Schema extends ListSchema> = z.output<Schema> & { readonly before: string | undefined };

/** Reads a list's query; what the schema does not name is passed over. @throws InvalidQuery naming every parameter that is wrong. */
export function readListQuery<Schema extends ListSchema>(schema: Schema, given: URLSearchParams): ListQuery<Schema> {
  const values: Record<string, unknown> = {};
  for (const name of Object.keys(schema.shape)) {
    const texts = given.getAll(name);
    if (texts.length > 0) values[name] = name === "state" ? texts.flatMap((text) => text.split(",", 20)) : single(name, texts);
  }
  const parsed = schema.safeParse(values);
  const faults = new Set(parsed.success ? [] : parsed.error.issues.map((issue) => String(issue.path[0])));
  const page = parsed.data as PageValues | undefined;
  const before = page?.cursor === undefined ? undefined : (fromCursor(page.cursor) ?? void faults.add("cursor"));
  if (faults.size > 0 || !parsed.success) throw new InvalidQuery([...faults].map(fault));
  return { ...parsed.data, before };
}

/** A parameter that came twice stays a list, which no schema takes. */
function single(name: string, texts: readonly string[]): unknown {
  if (texts.length > 1) return texts;
  return name === "limit" && /^\d{1,9}$/.test(texts[0] as string) ? Number(texts[0]) : texts[0];
}

function fault(name: string): QueryFault {
  return { path: name, message: { key: `rest.invalid.${name}` } };
}
