import { lastEventId, streamResponse } from "../events/stream-response.ts";
import { notFound } from "../refusal.ts";
import { isRunId } from "../run-id.ts";
import type { Site } from "../site.ts";
import { allowedRun, identified } from "./allowed-run.ts";
import { knownRev } from "./read-run.ts";

/** GET tasks/:id/events: the run document as it is and as it becomes, until its end. 204 to whoever has the last of it. */
export async function eventsOfRun(site: Site, request: Request, id: string): Promise<Response> {
  const visitor = await identified(site, request);
  if (!isRunId(id)) throw notFound();
  await allowedRun(site, visitor, id, "view"); // Before anything is held open for them.
  const known = lastEventId(request) ?? knownRev(request);
  return streamResponse({
    site,
    request,
    visitor,
    ids: "rev",
    allows: (run) => site.access.may(visitor, "view", run),
    follow: (follower) => site.liveRuns.followRun(id, follower),
    begin: ([entry]) => {
      if (!entry) throw notFound();
      if (entry.run.ended !== null && entry.run.rev === known) return "nothing more";
      return { events: [], isNew: ({ run }) => run.rev !== known };
    },
    refuse: () => {
      throw notFound();
    },
  });
}
