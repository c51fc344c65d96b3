import type { NewArtifact } from "../../core/artifact.ts";
import { heldStates } from "../../core/states.ts";
import type { Left } from "../../core/store.ts";
import type { ArtifactGuard } from "./artifacts.ts";
import type { SqlContext } from "./context.ts";
import { writeRuns } from "./runs.ts";

/** See `Store.insertArtifact`: a change of the run that sets nothing and leaves the row. */
export async function insertArtifact(context: SqlContext, leave: NewArtifact, guard: ArtifactGuard): Promise<Left | null> {
  const [run] = await writeRuns(context, [{ change: { id: leave.runId, guard: { states: heldStates, ...guard }, patch: {}, leave } }]);
  if (run instanceof Error) throw run;
  return run ? { run, artifact: { ...leave, owner: run.owner, created: run.modified, modified: run.modified } } : null;
}
