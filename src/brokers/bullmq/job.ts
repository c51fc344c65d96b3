import { hash } from "node:crypto";
import type { Delivery } from "../../core/broker.ts";

/** BullMQ puts the lowest number first; Errand the highest priority, which is a 16-bit integer. */
const MIDDLE = 32_768;
const FIRST = 1;
const LAST = 65_536;

/** What could go as one job goes as two, so that two workers share it. */
const LEAST_JOBS = 2;

/** What a job carries of a delivery; its queue is where it lies. */
type Content = Omit<Delivery, "queue">;

/** What a job carries that brings several deliveries. */
interface Bundle {
  readonly deliveries: readonly Content[];
}

export interface JobOptions {
  /** ms since 1970 */
  readonly now: number;
  /** Most deliveries in one job. */
  readonly together: number;
  /** They had been taken already, and go before others of their priority. */
  readonly isPutBack?: boolean;
}

/** The id of a delivery, and of the job that brings it alone: the same attempt of a run is never there twice. */
export function deliveryId({ runId, attempt }: Pick<Delivery, "runId" | "attempt">): string {
  return `${runId}-${attempt}`;
}

/**
 * The jobs of some deliveries of one queue, and in which bundle each lies that has no job of its own: what goes out in the same moment with the
 * same priority goes together. Nothing of a job is left once it was handled: an id that is still there would keep a later dispatch out.
 */
export function jobsOf(deliveries: readonly Delivery[], { now, together, isPutBack = false }: JobOptions) {
  const jobs: ReturnType<typeof jobOf>[] = [];
  const bundled: [id: string, bundle: string][] = [];
  // Whoever had it in hand may have a clock that is behind.
  const isDue = ({ runAt }: Delivery): boolean => isPutBack || runAt <= now;
  const due = deliveries.filter(isDue);
  for (const delivery of deliveries)
    if (!isDue(delivery)) jobs.push(jobOf(deliveryId(delivery), content(delivery), delivery.priority, { delay: delivery.runAt - now }));
  for (const [priority, alike] of Map.groupBy(due, (delivery) => delivery.priority)) {
    const size = Math.min(together, Math.ceil(alike.length / LEAST_JOBS));
    for (let begin = 0; begin < alike.length; begin += size) {
      const few = alike.slice(begin, begin + size);
      const ids = few.map(deliveryId);
      const [first] = few;
      if (few.length === 1 && first) {
        jobs.push(jobOf(deliveryId(first), content(first), priority, { isPutBack }));
        continue;
      }
      // The same ones again are the same job again.
      const id = `bundle-${hash("sha1", ids.join())}`;
      jobs.push(jobOf(id, { deliveries: few.map(content) } satisfies Bundle, priority, { isPutBack }));
      for (const each of ids) bundled.push([each, id]);
    }
  }
  return { jobs, bundled };
}

function jobOf(jobId: string, data: Content | Bundle, priority: number, { delay = 0, isPutBack = false }) {
  const opts = { jobId, priority: rank(priority, isPutBack), removeOnComplete: true, removeOnFail: true, ...(delay > 0 && { delay }) };
  return { name: "delivery", data, opts };
}

function content({ runId, attempt, priority, runAt }: Delivery): Content {
  return { runId, attempt, priority, runAt };
}

/** From 1, which goes first. Never 0: BullMQ takes what has that before all others. */
function rank(priority: number, isPutBack: boolean): number {
  return 2 * Math.max(FIRST, Math.min(LAST, MIDDLE - priority)) - (isPutBack ? 1 : 0);
}

/** The deliveries of a job; none when it is none of ours. */
export function deliveriesIn(queue: string, given: unknown): Delivery[] {
  const contents: readonly unknown[] = isBundled(given) ? (given as Bundle).deliveries : [given];
  return contents.flatMap((each) => {
    const { runId, attempt, priority, runAt } = (each ?? {}) as Partial<Content>;
    if (typeof runId !== "string" || !Number.isInteger(attempt)) return [];
    return { runId, queue, attempt: attempt as number, priority: priority ?? 0, runAt: runAt ?? 0 };
  });
}

/** Whether the job was made for several deliveries; some may have been withdrawn. */
export function isBundled(given: unknown): boolean {
  return Array.isArray((given as Partial<Bundle> | null | undefined)?.deliveries);
}
