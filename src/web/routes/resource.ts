import type { Site } from "../site.ts";

/** Answers one route. `id` is empty where the path has none. */
export type RouteHandler = (site: Site, request: Request, id: string) => Promise<Response>;

export type Method = "GET" | "POST" | "DELETE";

/** A path under the mount and what can be done there. */
export interface Resource {
  /** Begins with the mount; ":id" stands for an id. */
  readonly path: string;
  readonly methods: Readonly<Partial<Record<Method, RouteHandler>>>;
  /** A part of the REST API: it answers in JSON, to nobody without an identity, and OPTIONS says what it is. */
  readonly rest?: {
    readonly name: string;
    readonly description: string;
    /** Methods that only superusers may know are not there, as in django-user-tasks: to all others they are forbidden. */
    readonly superuserOnly?: readonly string[];
  };
}

/** The Allow header. */
export function allowed({ methods, rest }: Resource): string {
  return [...Object.keys(methods).flatMap((method) => (method === "GET" ? ["GET", "HEAD"] : [method])), ...(rest ? ["OPTIONS"] : [])].join(", ");
}
