import type { Delivery } from "../../core/broker.ts";

/** BullMQ puts the lowest number first; Errand the highest priority, which is a 16-bit integer. */
const MIDDLE = 32_768;
const FIRST = 1;
const LAST = 65_536;

/** What a job carries; its queue is where it lies. */
type JobContent = Omit<Delivery, "queue">;

/** The id of the delivery's job: the same attempt of a run is never there twice. */
export function jobId({ runId, attempt }: Pick<Delivery, "runId" | "attempt">): string {
  return `${runId}-${attempt}`;
}

/** The job of a delivery. Nothing of it is left once it was handled: an id that is still there would keep a later dispatch out. */
export function jobOf(delivery: Delivery, now: number) {
  const { runId, attempt, priority, runAt } = delivery;
  const data: JobContent = { runId, attempt, priority, runAt };
  const delay = Math.max(0, runAt - now);
  const opts = { jobId: jobId(delivery), priority: rank(priority), removeOnComplete: true, removeOnFail: true, ...(delay > 0 && { delay }) };
  return { name: "delivery", data, opts };
}

/** From 1, which goes first. Never 0: BullMQ takes what has that before all others. */
function rank(priority: number): number {
  return Math.max(FIRST, Math.min(LAST, MIDDLE - priority));
}

/** The delivery of a job; null when it is none of ours. */
export function deliveryIn(queue: string, content: unknown): Delivery | null {
  const { runId, attempt, priority, runAt } = (content ?? {}) as Partial<JobContent>;
  if (typeof runId !== "string" || !Number.isInteger(attempt)) return null;
  return { runId, queue, attempt: attempt as number, priority: priority ?? 0, runAt: runAt ?? 0 };
}
