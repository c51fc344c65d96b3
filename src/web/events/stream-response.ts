import type { Run, RunWithArtifacts } from "../../core/run.ts";
import { isSuperuser, type Visitor } from "../access.ts";
import { Refusal } from "../refusal.ts";
import { privateHeaders } from "../respond.ts";
import type { Site } from "../site.ts";
import { watches } from "../watching.ts";
import { type EventIds, opening, type View } from "./event-frames.ts";
import { EventStream } from "./event-stream.ts";
import type { Follower, Following } from "./live-runs.ts";

/** How long a client is to wait before it connects again, ms: this long to twice this long. */
const RETRY_MS = 1000;

/** Nothing in between may keep, change or gather what goes by. */
const headers = {
  ...privateHeaders,
  "Content-Type": "text/event-stream; charset=utf-8",
  "Cache-Control": "no-store, no-transform",
  "X-Accel-Buffering": "no",
} as const;

interface StreamOptions {
  readonly site: Site;
  readonly request: Request;
  readonly visitor: Visitor;
  readonly ids: EventIds;
  readonly allows: (run: Run) => boolean | Promise<boolean>;
  readonly follow: (follower: Follower) => Promise<Following | null>;
  /** Decides what of the beginning goes out: nothing at all (204), or these entries after these events; the client has all others. */
  readonly begin: (entries: readonly RunWithArtifacts[]) => Beginning | "nothing more";
  /** @throws Refusal what to answer when there is nothing to follow. */
  readonly refuse: () => never;
}

interface Beginning {
  readonly events: readonly Uint8Array[];
  readonly isNew: (entry: RunWithArtifacts) => boolean;
}

/** Answers with a stream of events that has its place among all, follows from before its beginning is read, and frees everything when it ends. */
export async function streamResponse(options: StreamOptions): Promise<Response> {
  const { site, request, visitor } = options;
  refuseOthers(request);
  if (request.method === "HEAD") return new Response(null, { headers });
  const release = site.streams.admit(visitor.owner ?? "");
  const early = new EarlyFollower();
  let following: Following | null | undefined;
  let stream: EventStream | undefined;
  try {
    following = await options.follow(early);
    if (!following) return options.refuse();
    const allowed = await Promise.all(following.entries.map(({ run }) => options.allows(run)));
    const entries = following.entries.filter((_, index) => allowed[index]);
    const beginning = options.begin(entries);
    if (beginning === "nothing more") return new Response(null, { status: 204, headers: privateHeaders });
    const goAway = watches(site, request, visitor.owner);
    stream = open(options, beginning, entries, () => {
      following?.stop();
      release();
      goAway();
    });
    early.pass(stream);
    if (site.errand.closing.aborted) stream.end();
    return new Response(stream.body, { headers });
  } finally {
    if (!stream) {
      following?.stop();
      release();
    }
  }
}

function open({ site, request, visitor, ids, allows }: StreamOptions, { events, isNew }: Beginning, entries: readonly RunWithArtifacts[], free: () => void) {
  const view: View = { language: site.locale(request), isSuperuser: isSuperuser(visitor), origin: site.origin(request) };
  const stream: EventStream = new EventStream({
    opening: [opening(RETRY_MS + Math.floor(Math.random() * RETRY_MS)), ...events],
    frame: (entry) => site.frames.frame(entry, ids, view),
    allows,
    isOfOneRun: ids === "rev",
    onEnd: () => {
      site.streams.remove(stream);
      free();
    },
    onError: (error) => site.errand.log.error({ error }, "A stream of events failed; its client connects again."),
  });
  site.streams.add(stream);
  for (const entry of entries) {
    if (isNew(entry)) stream.changed(entry);
    else stream.has(entry.run);
  }
  return stream;
}

/** Keeps what happens while the beginning is read. */
class EarlyFollower implements Follower {
  readonly #heard: ((follower: Follower) => void)[] = [];
  #next: Follower | undefined;

  changed(entry: RunWithArtifacts): void {
    this.#hear((follower) => follower.changed(entry));
  }

  gone(runId: string): void {
    this.#hear((follower) => follower.gone(runId));
  }

  pass(next: Follower): void {
    this.#next = next;
    for (const tell of this.#heard.splice(0)) tell(next);
  }

  #hear(tell: (follower: Follower) => void): void {
    if (this.#next) tell(this.#next);
    else this.#heard.push(tell);
  }
}

/** The id of the last event that the client has, as the number that it was; undefined for none, or one that was never given. */
export function lastEventId(request: Request): number | undefined {
  const text = request.headers.get("last-event-id");
  return text !== null && /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}

/** @throws Refusal 406 when the asker would not take a stream of events. */
function refuseOthers(request: Request): void {
  const accept = request.headers.get("accept");
  if (accept === null || accept.trim() === "" || /(\*|text)\/\*|text\/event-stream/i.test(accept.slice(0, 2000))) return;
  throw new Refusal(406, { key: "rest.only_events" });
}
