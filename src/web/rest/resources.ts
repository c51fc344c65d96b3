import { cancelRun } from "../routes/cancel-run.ts";
import { readRun } from "../routes/read-run.ts";
import type { Resource } from "../routes/resource.ts";
import type { SitePaths } from "../site-paths.ts";
import { deleteRun } from "./delete-run.ts";
import { listArtifacts } from "./list-artifacts.ts";
import { listRuns } from "./list-runs.ts";
import { readArtifact } from "./read-artifact.ts";
import { rerunRun } from "./rerun-run.ts";

/** The REST API, after django-user-tasks' routes. */
export function restResources({ tasks, artifacts }: SitePaths): readonly Resource[] {
  return [
    { path: tasks, methods: { GET: listRuns }, rest: { name: "Tasks", description: "The asker's runs, newest first; with parent, the parts of one." } },
    {
      path: `${tasks}/:id`,
      methods: { GET: readRun, DELETE: deleteRun },
      rest: { name: "Task", description: "One run.", superuserOnly: ["PUT", "PATCH"] },
    },
    { path: `${tasks}/:id/cancel`, methods: { POST: cancelRun }, rest: { name: "Cancel a task", description: "Asks the run to stop." } },
    { path: `${tasks}/:id/rerun`, methods: { POST: rerunRun }, rest: { name: "Rerun a task", description: "Starts a new run with the same input." } },
    {
      path: artifacts,
      methods: { GET: listArtifacts },
      rest: { name: "Artifacts", description: "What the asker's runs left, newest first.", superuserOnly: ["POST", "PUT", "PATCH", "DELETE"] },
    },
    {
      path: `${artifacts}/:id`,
      methods: { GET: readArtifact },
      rest: { name: "Artifact", description: "What a run left.", superuserOnly: ["POST", "PUT", "PATCH", "DELETE"] },
    },
  ];
}
