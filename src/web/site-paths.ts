/** What the REST API's collections are called in addresses. */
export interface PathOptions {
  /** "tasks" by default. */
  readonly tasks?: string;
  /** "artifacts" by default. */
  readonly artifacts?: string;
}

/** Names directly below the mount that are taken, with all that lies below them. */
const reserved: readonly string[] = [
  "admin",
  "asynctask.js",
  "errand-elements.js",
  "errand-fields.js",
  "errand-live.js",
  "errand-pages.js",
  "errand-push-worker.js",
  "errand-push.js",
  "errand.css",
  "events",
  "healthz",
  "live",
  "openapi.json",
  "push",
  "readyz",
  "runs",
];

/** Where everything lies: paths that begin with the mount. */
export class SitePaths {
  /** Where the handler is mounted, without a slash at the end. */
  readonly mount: string;
  /** The list of runs, without a slash at the end. */
  readonly tasks: string;
  /** The list of artifacts, without a slash at the end. */
  readonly artifacts: string;

  /** @throws RangeError for a path that cannot be one, or that is taken. */
  constructor(mount: string, { tasks = "tasks", artifacts = "artifacts" }: PathOptions = {}) {
    if (!/^(\/[\w.~-]+)*\/?$/.test(mount)) throw new RangeError(`path must be a path such as "/errand", but is ${JSON.stringify(mount)}.`);
    this.mount = mount.replace(/\/$/, "");
    this.tasks = `${this.mount}/${collection("tasks", tasks)}`;
    this.artifacts = `${this.mount}/${collection("artifacts", artifacts)}`;
    if (`${this.tasks}/`.startsWith(`${this.artifacts}/`) || `${this.artifacts}/`.startsWith(`${this.tasks}/`)) {
      throw new RangeError(`paths.tasks and paths.artifacts must not lie in one another, but are "${tasks}" and "${artifacts}".`);
    }
  }

  run(id: string): string {
    return `${this.tasks}/${id}/`;
  }

  artifact(id: string): string {
    return `${this.artifacts}/${id}/`;
  }
}

function collection(what: string, name: string): string {
  if (/^[\w~-][\w.~-]*(\/[\w~-][\w.~-]*)*$/.test(name) && !reserved.includes(name.split("/")[0] as string)) return name;
  throw new RangeError(`paths.${what} must be a name such as "jobs" or "api/jobs" that is not taken (${reserved.join(", ")}), but is ${JSON.stringify(name)}.`);
}
