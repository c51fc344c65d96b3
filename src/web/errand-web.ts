import type { Artifact } from "../core/artifact.ts";
import { type Duration, milliseconds } from "../core/duration.ts";
import type { Errand } from "../runtime/errand.ts";
import type { Task } from "../runtime/task-api.ts";
import { acceptedLocale } from "./accepted-locale.ts";
import { Access, type Can, type Identify, type ListFilter, type Visitor } from "./access.ts";
import { asyncAction } from "./async-action.tsx";
import type { AsyncActionOptions, WebHandler } from "./async-action-options.ts";
import { defaultLimits } from "./body-limits.ts";
import { DownloadLinks } from "./download-links.ts";
import { defaultStreamLimits } from "./events/event-streams.ts";
import { FlashCookie, type Flashes } from "./flash.ts";
import { originSet } from "./origin.ts";
import { pollingView } from "./polling/polling-view.tsx";
import type { PollingViewOptions } from "./polling/polling-view-options.ts";
import { mountedHandler } from "./routes/mounted-handler.ts";
import { Signing } from "./signing.ts";
import { Site } from "./site.ts";
import { type PathOptions, SitePaths } from "./site-paths.ts";
import { VisitorCookie } from "./visitor-cookie.ts";

export interface WebOptions {
  /** Where `handler` is mounted. "/errand" by default. */
  readonly path?: string;
  /** Who is signed in; null for nobody. Without it all are anonymous visitors. Ids must not begin with "visitor:". */
  readonly identify?: Identify;
  /** Who may view, cancel, delete or rerun a run and download what it left. By default its owner and superusers. */
  readonly can?: Can;
  /** What the lists of runs and of artifacts show, each on its own. By default what the asker owns; to superusers all. */
  readonly listFilter?: ListFilter;
  /** Other names for the REST API's collections, such as `{ tasks: "jobs", artifacts: "files" }`. */
  readonly paths?: PathOptions;
  /** How long a download link opens after it was handed out. 5 min by default. */
  readonly downloadExpiry?: Duration;
  /** The language of an answer, such as "de". By default the best of en, de, fr and es for Accept-Language. */
  readonly locale?: (request: Request) => string;
  /** Further origins whose pages may POST, such as "https://shop.example". */
  readonly trustedOrigins?: readonly string[];
  /** Further origins that successUrl and errorUrl may lead to. */
  readonly redirectHosts?: readonly string[];
  /** Believe X-Forwarded-Proto and X-Forwarded-Host. Off by default: only right behind a proxy that sets both itself. */
  readonly trustProxy?: boolean;
  /** Whether healthz and readyz answer under `path`, to anybody. On by default. */
  readonly health?: boolean;
  /** Most bytes of all files of a form together. 100 MiB by default. */
  readonly maxUpload?: number;
  /** Most bytes of a JSON body, or of all fields of a form. 1 MiB by default. */
  readonly maxBody?: number;
  /** Most fields and files of a form. 1000 by default. */
  readonly maxFields?: number;
  /** Most event streams and long polls that this process holds open. 10,000 by default; who comes too late gets 503 and polls. */
  readonly maxStreams?: number;
  /** Most of one visitor, by `owner`. 20 by default; a further stream gets 429. */
  readonly maxStreamsPerVisitor?: number;
}

/** The web side of an errand. */
export interface ErrandWeb {
  readonly path: string;
  /** Answers everything under `path`: the pages (docs/pages.md), the REST API with openapi.json, downloads, asynctask.js, errand.css, healthz and readyz. */
  readonly handler: WebHandler;
  /** A handler for POST (start) and GET (check) of one kind of run. */
  asyncAction<Argument, Output>(options: AsyncActionOptions<Argument, Output>): WebHandler;
  /** A handler for GET that answers with a task's result: the cached one (200), or 202 and a page that waits, the run begun once however many ask. */
  pollingView<Argument, Output>(task: Task<Argument, Output>, options: PollingViewOptions<Argument, Output>): WebHandler;
  /** Who is asking, for the app's own pages: `owner` is what `Run.owner` must equal, unless they are a superuser. */
  visitor(request: Request): Promise<Visitor>;
  /**
   * Where an artifact's file or text is downloaded, for links on the app's own pages. It opens nothing by itself: who asks is looked at when
   * they follow it, so it neither expires nor helps whom it was passed on to.
   */
  downloadUrl(artifact: Pick<Artifact, "id">): string;
  /** The messages that ended runs left for this page; add `headers` to its answer, and they are shown once. */
  flashes(request: Request): Promise<Flashes>;
  /** What this process holds open now: event streams and waiting polls, and how many runs and owners they follow together. For a metric. */
  streams(): { readonly open: number; readonly followed: number };
}

/**
 * Puts an errand on the web, in terms of standard requests and responses; the adapters such as `errand/express` fit them to a server (docs/adapters.md).
 *
 * @throws RangeError for a path, an origin or a limit that cannot be one.
 */
export function errandWeb(errand: Errand, options: WebOptions = {}): ErrandWeb {
  const signing = new Signing(errand);
  const cookie = new VisitorCookie(signing);
  const site = new Site({
    errand,
    paths: new SitePaths(options.path ?? "/errand", options.paths),
    access: new Access({ identify: options.identify, can: options.can, listFilter: options.listFilter, cookie }),
    links: new DownloadLinks(signing, milliseconds("downloadExpiry", options.downloadExpiry ?? "5m")),
    cookie,
    flash: new FlashCookie(signing),
    limits: {
      maxUpload: limit("maxUpload", options.maxUpload ?? defaultLimits.maxUpload),
      maxBody: limit("maxBody", options.maxBody ?? defaultLimits.maxBody),
      maxFields: limit("maxFields", options.maxFields ?? defaultLimits.maxFields),
    },
    health: options.health ?? true,
    streamLimits: {
      maxStreams: limit("maxStreams", options.maxStreams ?? defaultStreamLimits.maxStreams),
      maxStreamsPerVisitor: limit("maxStreamsPerVisitor", options.maxStreamsPerVisitor ?? defaultStreamLimits.maxStreamsPerVisitor),
    },
    trustProxy: options.trustProxy ?? false,
    trustedOrigins: originSet("trustedOrigins", options.trustedOrigins),
    redirectHosts: originSet("redirectHosts", options.redirectHosts),
    locale: options.locale ?? acceptedLocale,
  });
  return {
    path: site.path,
    handler: mountedHandler(site),
    asyncAction: (action) => asyncAction(site, action),
    pollingView: (task, view) => pollingView(site, task, view),
    visitor: async (request) => site.access.visitor(request),
    downloadUrl: ({ id }) => `${site.paths.artifact(id)}download`,
    streams: () => ({ open: site.streams.held, followed: site.liveRuns.topics }),
    flashes: (request) => site.flash.take(request, site.isSecure(request)),
  };
}

function limit(what: string, value: number): number {
  if (Number.isSafeInteger(value) && value >= 0) return value;
  throw new RangeError(`${what} must be a whole number of 0 or more, but is ${String(value)}.`);
}
