import { Refusal } from "../refusal.ts";

/** @throws Refusal 406 when the asker would not take JSON. */
export function refuseUnacceptable(request: Request): void {
  const accept = request.headers.get("accept");
  if (accept === null || accept === "*/*" || accept === "application/json" || accept.trim() === "") return;
  const takesJson = accept
    .slice(0, 2000)
    .toLowerCase()
    .split(",")
    .some((part) => /^\s*(\*\/\*|application\/\*|application\/json)\s*(;|$)/.test(part) && !/;\s*q=0(\.0*)?\s*(;|$)/.test(part));
  if (!takesJson) throw new Refusal(406, { key: "rest.not_acceptable" });
}
