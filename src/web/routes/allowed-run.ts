import type { Run, RunWithArtifacts } from "../../core/run.ts";
import type { Action, Visitor } from "../access.ts";
import { notFound, Refusal } from "../refusal.ts";
import { isRunId } from "../run-id.ts";
import type { Site } from "../site.ts";

/** Who is asking. @throws Refusal 403 to somebody who could own no run at all. */
export async function identified(site: Site, request: Request): Promise<Visitor> {
  const asked = site.access.visitor(request);
  const visitor = asked instanceof Promise ? await asked : asked;
  if (visitor.owner === null) throw new Refusal(403, { key: "web.no_identity" });
  return visitor;
}

/** The run, if the asker may do this with it. @throws Refusal 404 for what is unknown or not theirs to view, 403 for what they may view only. */
export async function allowedRun(site: Site, visitor: Visitor, id: string, action: Action): Promise<Run> {
  const run = isRunId(id) ? await site.errand.get(id) : null;
  if (!run || !(await site.access.may(visitor, "view", run))) throw notFound();
  if (action !== "view" && !(await site.access.may(visitor, action, run))) throw forbidden();
  return run;
}

/** The run and what it left, if the asker may view it. @throws Refusal 404 for what is unknown or not theirs */
export async function visibleRun(site: Site, visitor: Visitor, id: string): Promise<RunWithArtifacts> {
  const found = isRunId(id) ? await site.errand.getWithArtifacts(id) : null;
  if (!found) throw notFound();
  const visible = site.access.may(visitor, "view", found.run);
  if (!(visible instanceof Promise ? await visible : visible)) throw notFound();
  return found;
}

/** @throws Refusal 409 for a part of a larger run, which is only deleted with the whole. */
export function refusePart(run: Run): void {
  if (run.parent !== null) throw new Refusal(409, { key: "rest.part" });
}

export const forbidden = () => new Refusal(403, { key: "web.forbidden" });
