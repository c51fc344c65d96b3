import type { Run } from "../../core/run.ts";
import type { RunRestriction } from "../access.ts";
import { runsFrame } from "../events/event-frames.ts";
import { lastEventId, streamResponse } from "../events/stream-response.ts";
import { notFound } from "../refusal.ts";
import type { Site } from "../site.ts";
import { identified } from "./allowed-run.ts";

/** Changes may become visible a little later than the time that they bear, and are sent again to a client that was there a moment ago, ms. */
const OVERLAP_MS = 10_000;

/**
 * GET events: the documents of the asker's runs, also a superuser's own only: of those that have not ended and of the newest 20, as they are and
 * as they become. A client that comes back gets what has not ended, and what ended since.
 */
export async function eventsOfOwner(site: Site, request: Request): Promise<Response> {
  const visitor = await identified(site, request);
  const allowed = await site.access.runsFor(visitor);
  const owner = allowed.owner === undefined ? visitor.owner : allowed.owner;
  const known = lastEventId(request);
  return streamResponse({
    site,
    request,
    visitor,
    ids: "modified",
    allows: (run) => fits(allowed, run) && site.access.mayList(visitor, run),
    follow: (follower) => site.liveRuns.followOwner(owner, follower),
    begin: (entries) => ({
      events: [
        runsFrame(
          entries
            .map(({ run }) => run.id)
            .sort()
            .reverse(),
        ),
      ],
      isNew: ({ run }) => known === undefined || run.ended === null || run.modified >= known - OVERLAP_MS,
    }),
    refuse: () => {
      throw notFound();
    },
  });
}

/** Whether a list with this restriction would show the run; its owner does not need to be looked at again. */
function fits({ states, task, createdAfter, createdBefore, parent }: RunRestriction, run: Run): boolean {
  return (
    (states === undefined || states.includes(run.state)) &&
    (task === undefined || run.task === task) &&
    (createdAfter === undefined || run.created >= createdAfter) &&
    (createdBefore === undefined || run.created < createdBefore) &&
    (parent === undefined || run.parent === parent)
  );
}
