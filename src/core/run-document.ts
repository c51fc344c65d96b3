import { iso } from "./iso.ts";
import { percentage } from "./progress.ts";
import type { Run } from "./run.ts";
import { stateLabel } from "./states.ts";

/** A run as other programs read it: names and meanings of django-user-tasks' REST API, with what it lacks. Times are ISO 8601 in UTC. */
export function runDocument(run: Run) {
  return {
    id: run.id,
    rev: run.rev,
    task: run.task,
    name: run.name,
    owner: run.owner,
    state: stateLabel(run.state),
    completed_steps: run.completedSteps,
    total_steps: run.totalSteps,
    percentage: percentage(run),
    attempts: Math.max(run.attempt, 1),
    created: iso(run.created),
    modified: iso(run.modified),
    started: run.started === null ? null : iso(run.started),
    ended: run.ended === null ? null : iso(run.ended),
    parent: run.parent,
    rerun_of: run.rerunOf,
    result: run.result,
  };
}
