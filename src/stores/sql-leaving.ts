import type { NewArtifact } from "../core/artifact.ts";
import type { Run } from "../core/run.ts";
import { heldStates } from "../core/states.ts";
import type { Left } from "../core/store.ts";
import { changeStatement } from "./change-statement.ts";
import { toWrittenRun } from "./rows.ts";
import { type ArtifactGuard, leaveArtifact } from "./sql-artifacts.ts";
import type { SqlContext } from "./sql-context.ts";
import { followedBy } from "./statements.ts";

/** See `Store.insertArtifact`: a change of the run that sets nothing, followed by the row. */
export async function insertArtifact(context: SqlContext, artifact: NewArtifact, guard: ArtifactGuard): Promise<Left | null> {
  const { driver, statements } = context;
  const change = changeStatement(driver, statements, { id: artifact.runId, guard: { states: heldStates, ...guard }, patch: {} });
  const [rows] = await driver.write([followedBy({ ...change, positional: true, tells: "run" }, [leaveArtifact(context, artifact)])]);
  if (rows instanceof Error) throw rows;
  const [row] = rows as unknown as unknown[][];
  if (row === undefined) return null;
  const run = toWrittenRun(row) as Run;
  return { run, artifact: { ...artifact, owner: run.owner, created: run.modified, modified: run.modified } };
}
