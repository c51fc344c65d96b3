import { isVisitor } from "../../visitor-cookie.ts";
import type { PageContext } from "./page-context.ts";

/** The owner as a superuser reads it: a user's id, a visitor by the beginning of theirs, or nobody. */
export function ownerWords({ text }: Pick<PageContext, "text">, owner: string | null): string {
  if (owner === null) return text("nobody");
  return isVisitor(owner) ? text("visitor", { id: owner.slice(owner.indexOf(":") + 1).slice(0, 8) }) : owner;
}
