import type { Message } from "../core/messages.ts";
import type { Errand } from "../runtime/errand.ts";
import type { Access } from "./access.ts";
import type { BodyLimits } from "./body-limits.ts";
import type { DownloadLinks } from "./download-links.ts";
import { EventFrames } from "./events/event-frames.ts";
import { EventStreams, type StreamLimits } from "./events/event-streams.ts";
import { LiveRuns } from "./events/live-runs.ts";
import type { FlashCookie } from "./flash.ts";
import { isOwnRequest, siteOrigin } from "./origin.ts";
import { Refusal } from "./refusal.ts";
import type { SitePaths } from "./site-paths.ts";
import { renderText } from "./texts.ts";
import type { VisitorCookie } from "./visitor-cookie.ts";

export interface SiteOptions {
  readonly errand: Errand;
  readonly paths: SitePaths;
  readonly access: Access;
  readonly links: DownloadLinks;
  readonly cookie: VisitorCookie;
  readonly flash: FlashCookie;
  readonly limits: BodyLimits;
  readonly streamLimits: StreamLimits;
  /** Whether healthz and readyz are there. */
  readonly health: boolean;
  readonly trustProxy: boolean;
  readonly trustedOrigins: ReadonlySet<string>;
  readonly redirectHosts: ReadonlySet<string>;
  locale(request: Request): string;
}

/** What every handler knows of the site that it serves. */
export class Site {
  readonly errand: Errand;
  readonly paths: SitePaths;
  readonly access: Access;
  readonly links: DownloadLinks;
  readonly cookie: VisitorCookie;
  readonly flash: FlashCookie;
  readonly limits: BodyLimits;
  readonly health: boolean;
  /** What is followed live, the documents that go out, and the clients that they go to. */
  readonly liveRuns: LiveRuns;
  readonly frames: EventFrames;
  readonly streams: EventStreams;
  readonly redirectHosts: ReadonlySet<string>;
  readonly locale: (request: Request) => string;
  readonly #trustProxy: boolean;
  readonly #trustedOrigins: ReadonlySet<string>;

  constructor(options: SiteOptions) {
    this.errand = options.errand;
    this.paths = options.paths;
    this.access = options.access;
    this.links = options.links;
    this.cookie = options.cookie;
    this.flash = options.flash;
    this.limits = options.limits;
    this.liveRuns = new LiveRuns(options.errand);
    this.frames = new EventFrames(this);
    this.streams = new EventStreams(options.errand, options.streamLimits);
    this.health = options.health;
    this.redirectHosts = options.redirectHosts;
    this.locale = options.locale;
    this.#trustProxy = options.trustProxy;
    this.#trustedOrigins = options.trustedOrigins;
  }

  /** Where the handler is mounted, without a slash at the end. */
  get path(): string {
    return this.paths.mount;
  }

  /** The address of a request as the browser knows it. */
  address(request: Request): URL {
    const url = new URL(request.url);
    return this.#trustProxy ? new URL(siteOrigin(request, url, true) + url.pathname + url.search) : url;
  }

  /** The same as text, which most requests need no more of. */
  href(request: Request): string {
    return this.#trustProxy ? this.address(request).href : request.url;
  }

  /** The address's beginning, such as "https://tickets.example". */
  origin(request: Request): string {
    // A request's url is a whole http address without a password: nothing of it needs to be parsed to find where its path begins.
    return this.#trustProxy ? this.address(request).origin : request.url.slice(0, request.url.indexOf("/", "https://".length));
  }

  isSecure(request: Request): boolean {
    return this.address(request).protocol === "https:";
  }

  /** @throws Refusal 403 for an unsafe request that a page of another site sent. */
  refuseForeign(request: Request): void {
    if (!isOwnRequest(request, this.address(request).origin, this.#trustedOrigins)) throw new Refusal(403, { key: "web.cross_site" });
  }

  /** The text of a message in the language of the request. */
  text(request: Request, message: Message): string {
    return renderText(this.errand, message, this.locale(request));
  }

  cancelPath(runId: string): string {
    return `${this.paths.run(runId)}cancel/`;
  }
}
