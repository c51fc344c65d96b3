import { ConfigurationError } from "../core/errors.ts";
import type { Run } from "../core/run.ts";
import type { ArtifactFilter, RunFilter } from "../core/run-filter.ts";
import { isVisitor, type VisitorCookie } from "./visitor-cookie.ts";

/** Who is signed in, as the app says. */
export interface User {
  /** Owns the runs that this user starts. Does not begin with "visitor:". */
  readonly id: string;
  /** Unless `can` says otherwise, may do everything with everybody's runs; their lists show all. */
  readonly superuser?: boolean;
}

export type Identify = (request: Request) => User | null | Promise<User | null>;

/** Who is asking. */
export interface Visitor {
  readonly user: User | null;
  /** The user's id, else the visitor's of the signed cookie, else null. */
  readonly owner: string | null;
}

/** What somebody may want of a run. To do anything else with it, they must be able to view it. */
export type Action = "view" | "cancel" | "delete" | "rerun" | "download";

/** The app's own rule: true or false decides, undefined leaves it to the default, which is the owner or a superuser. */
export type Can = (visitor: Visitor, action: Action, run: Run) => boolean | undefined | Promise<boolean | undefined>;

/** Which runs a list may show. `{}` is everybody's. */
export type RunRestriction = Omit<RunFilter, "name" | "search">;

/** What lists show; by default what the asker owns, to superusers all. What `can` forbids to view is left out in any case. */
export interface ListFilter {
  readonly tasks?: (visitor: Visitor) => RunRestriction | Promise<RunRestriction>;
  readonly artifacts?: (visitor: Visitor) => ArtifactFilter | Promise<ArtifactFilter>;
}

export interface AccessOptions {
  readonly identify?: Identify | undefined;
  readonly can?: Can | undefined;
  readonly listFilter?: ListFilter | undefined;
  readonly cookie: VisitorCookie;
}

/** Decides who is asking and what they may do: the only place that does. */
export class Access {
  readonly #identify: Identify | undefined;
  readonly #can: Can | undefined;
  readonly #listFilter: ListFilter;
  readonly #cookie: VisitorCookie;

  constructor({ identify, can, listFilter = {}, cookie }: AccessOptions) {
    this.#identify = identify;
    this.#can = can;
    this.#listFilter = listFilter;
    this.#cookie = cookie;
  }

  /** Who is asking; at once when nothing needs to be waited for. @throws ConfigurationError when `identify` returned an id that cannot be one. */
  visitor(request: Request): Visitor | Promise<Visitor> {
    const user = this.#identify?.(request) ?? null;
    return isLater(user) ? Promise.resolve(user).then((known) => this.#visitor(known, request)) : this.#visitor(user, request);
  }

  /** Whether they may do this with the run; at once when nothing needs to be waited for. Nobody may do anything: the app is not even asked. */
  may(visitor: Visitor, action: Action, run: Run): boolean | Promise<boolean> {
    if (visitor.owner === null) return false;
    const decide = (said: boolean | undefined) => (said === undefined ? isOwn(visitor, run) : said === true);
    const said = this.#can?.(visitor, action, run);
    return isLater(said) ? Promise.resolve(said).then(decide) : decide(said);
  }

  /** Which runs the list of runs may show them. @throws ConfigurationError when the app's filter has an owner that is undefined. */
  async runsFor(visitor: Visitor): Promise<RunRestriction> {
    return this.#listFilter.tasks ? checkOwner("tasks", await this.#listFilter.tasks(visitor)) : own(visitor);
  }

  /** Which artifacts the list of artifacts may show them. @throws ConfigurationError when the app's filter has an owner that is undefined. */
  async artifactsFor(visitor: Visitor): Promise<ArtifactFilter> {
    return this.#listFilter.artifacts ? checkOwner("artifacts", await this.#listFilter.artifacts(visitor)) : own(visitor);
  }

  /** Whether the app has a rule of its own, so that the runs behind a list's entries must be looked at. */
  get hasRules(): boolean {
    return this.#can !== undefined || this.#listFilter.artifacts !== undefined;
  }

  /** Whether a list that the filter let the run into may show it: unless `can` forbids to view it. */
  async mayList(visitor: Visitor, run: Run): Promise<boolean> {
    const said = await this.#can?.(visitor, "view", run);
    return said === undefined || said === true;
  }

  #visitor(user: User | null, request: Request): Visitor | Promise<Visitor> {
    if (user) return { user, owner: checkUserId(user.id) };
    const owner = this.#cookie.read(request);
    return owner instanceof Promise ? owner.then((known) => ({ user, owner: known })) : { user, owner };
  }
}

export function isSuperuser(visitor: Visitor): boolean {
  return visitor.user?.superuser === true;
}

/** Not every promise is a Promise: query builders return thenables, which must not be taken for a yes. */
function isLater<Value>(value: Value | Promise<Value>): value is Promise<Value> {
  return typeof (value as { then?: unknown } | null | undefined)?.then === "function";
}

function isOwn(visitor: Visitor, run: Run): boolean {
  return isSuperuser(visitor) || visitor.owner === run.owner;
}

function own(visitor: Visitor): { owner?: string | null } {
  return isSuperuser(visitor) ? {} : { owner: visitor.owner };
}

/** `{ owner: visitor.user?.id }` would show everybody's runs to whoever is not signed in. */
function checkOwner<Filter extends object>(list: string, filter: Filter): Filter {
  if (!("owner" in filter) || filter.owner !== undefined) return filter;
  throw new ConfigurationError(`listFilter.${list} returned an owner that is undefined. Leave it out to show everybody's, or use visitor.owner.`);
}

function checkUserId(id: string): string {
  if (typeof id === "string" && id !== "" && !isVisitor(id)) return id;
  throw new ConfigurationError(
    `identify must return a user whose id is a text that is not empty and does not begin with "visitor:", but returned ${JSON.stringify(id)}.`,
  );
}
