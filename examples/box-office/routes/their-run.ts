import type { Run } from "errand";
import type { Parts } from "./parts.ts";

/** The run of this task and id, if it belongs to who asks; superusers see everybody's. */
export async function theirRun({ errand, web }: Pick<Parts, "errand" | "web">, task: { readonly name: string }, runId: string, request: Request) {
  const [run, { user, owner }] = await Promise.all([errand.get(runId), web.visitor(request)]);
  const isTheirs = user?.superuser || (owner !== null && run?.owner === owner);
  return run?.task === task.name && isTheirs ? run : null;
}

/** What the run's last attempt left: a worker that died may have left something of an earlier one. */
export async function artifactsOf({ errand }: Pick<Parts, "errand">, run: Run) {
  return (await errand.artifacts.list([run.id])).filter(({ attempt }) => attempt === run.attempt);
}
