import { ConfigurationError } from "../core/errors.ts";
import type { AttemptEnd, Observer, Showing, TracedRun, Tracing } from "../core/observer.ts";
import type { ClaimedRun, NewRun, Run } from "../core/run.ts";
import type { Stray } from "../core/store.ts";
import type { Log } from "../core/task.ts";
import { snapshot } from "./writer.ts";

/** Who hears what happens in this process. While nobody does, it costs next to nothing. */
export class Observers {
  readonly #log: Log;
  readonly #readTrace: (runId: string) => Promise<string | null>;
  #list: readonly Observer[] = [];
  #tracing: Tracing | undefined;

  constructor(log: Log, readTrace: (runId: string) => Promise<string | null>) {
    this.#log = log;
    this.#readTrace = readTrace;
  }

  /** Adds one; returns the way to take it away. */
  add(observer: Observer): () => void {
    this.#list = [...this.#list, observer];
    return () => {
      this.#list = this.#list.filter((other) => other !== observer);
    };
  }

  /** Traces from now on; returns the way to stop. @throws ConfigurationError when something else traces already */
  trace(tracing: Tracing): () => void {
    if (this.#tracing) throw new ConfigurationError("This errand is traced already: call `trace` once for each errand.");
    this.#tracing = tracing;
    return () => {
      if (this.#tracing === tracing) this.#tracing = undefined;
    };
  }

  get isTracing(): boolean {
    return this.#tracing !== undefined;
  }

  /** The log, with the ids of the trace that a line belongs to. */
  traced(log: Log): Log {
    const bearing = (fields: object): object => {
      const ids = this.#tracing?.fields();
      return ids ? { ...ids, ...fields } : fields;
    };
    return {
      debug: (fields, message) => log.debug(bearing(fields), message),
      info: (fields, message) => log.info(bearing(fields), message),
      warn: (fields, message) => log.warn(bearing(fields), message),
      error: (fields, message) => log.error(bearing(fields), message),
    };
  }

  /** Writes a new run, with the trace that it begins. */
  async delaying<Result extends Run | null>(row: NewRun, write: (row: NewRun) => Promise<Result>): Promise<Result> {
    const run = await this.#delaying(row, (trace) => write(trace === undefined ? row : { ...row, trace }));
    if (run) this.#tell((observer) => observer.delayed?.(run));
    return run;
  }

  /** The same for linked runs, the container first: all are of its trace. */
  async delayingLink(rows: readonly NewRun[], write: (rows: readonly NewRun[]) => Promise<Run[]>): Promise<Run[]> {
    const runs = await this.#delaying(rows[0] as NewRun, (trace) => write(trace === undefined ? rows : rows.map((row) => ({ ...row, trace }))));
    for (const run of runs) if (run.kind === null) this.#tell((observer) => observer.delayed?.(run));
    return runs;
  }

  refused(task: string, error: unknown): void {
    this.#tell((observer) => observer.refused?.(task, error));
  }

  /** Performs an attempt. */
  async performing(claimed: ClaimedRun, perform: () => Promise<AttemptEnd>): Promise<void> {
    if (this.#list.length === 0 && !this.#tracing) {
      await perform();
      return;
    }
    const run = snapshot(claimed);
    this.#tell((observer) => observer.claimed?.(run));
    let end: AttemptEnd = { outcome: "lost", run: null };
    try {
      end = await (this.#tracing ? this.#tracing.performing(run, claimed.trace, perform) : perform());
    } finally {
      this.#tell((observer) => observer.settled?.(run, end));
    }
  }

  /** This process has written a run. */
  written(run: Run): void {
    if (run.ended !== null && run.kind === null) this.#tell((observer) => observer.ended?.(run));
  }

  swept(kind: Stray["kind"], run: Run): void {
    this.#tell((observer) => observer.swept?.(kind, run));
  }

  redispatched(count: number): void {
    if (count > 0) this.#tell((observer) => observer.redispatched?.(count));
  }

  /** A web request has shown a run. */
  shown(run: Run, showing: Showing): void {
    this.#tracing?.shown(run, showing, () => this.#readTrace(run.id));
  }

  #delaying<Result>({ id, task, queue }: TracedRun, write: (trace: string | null | undefined) => Promise<Result>): Promise<Result> {
    return this.#tracing ? this.#tracing.delaying({ id, task, queue }, write) : write(undefined);
  }

  /** One that throws harms nothing. */
  #tell(tell: (observer: Observer) => void): void {
    for (const observer of this.#list) {
      try {
        tell(observer);
      } catch (error) {
        this.#log.error({ error }, "An observer threw.");
      }
    }
  }
}
