import { isEnded } from "../../core/states.ts";
import type { NotesBody } from "../../core/wire.ts";
import { attemptNote, progressNotes } from "../progress-notes.ts";
import { json } from "../respond.ts";
import type { Site } from "../site.ts";
import { allowedRun, identified } from "./allowed-run.ts";

/** GET tasks/:id/notes: what is true of a run at the moment, in the reader's words; nothing once it has ended. The document cannot say it: it is a snapshot. */
export async function readNotes(site: Site, request: Request, id: string): Promise<Response> {
  const run = await allowedRun(site, await identified(site, request), id, "view");
  if (isEnded(run.state)) return json({ notes: [] } satisfies NotesBody);
  const say = (message: Parameters<Site["text"]>[1]) => site.text(request, message);
  const attempt = attemptNote(run);
  const notes = await progressNotes({ errand: site.errand, run, locale: site.locale(request), now: Date.now(), say });
  return json({ notes: [...(attempt ? [say(attempt)] : []), ...notes] } satisfies NotesBody);
}
