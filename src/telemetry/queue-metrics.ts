import prometheus, { type Registry } from "prom-client";
import type { Overview } from "../runtime/errand.ts";

/** Most queues that have a label of their own, the fullest first; the rest is one. */
const QUEUES = 50;
const OTHER = "(other)";

type Depth = Overview["queues"][number];

export interface QueueReader {
  overview(options: { minutes: number }): Promise<Overview>;
}

/** Registers what the store knows of queues and workers. It is read when metrics are asked for, at most every `every` ms, however many ask. */
export function queueMetrics(register: Registry, errand: QueueReader, every: number, within: number): void {
  const reading = shared(() => inTime(errand.overview({ minutes: 0 }), within), every);
  const gauge = (name: string, help: string, collect: (gauge: prometheus.Gauge<"queue">, overview: Overview) => void, labelNames: "queue"[] = ["queue"]) => {
    new prometheus.Gauge({
      name,
      help,
      labelNames,
      registers: [register],
      async collect() {
        this.reset();
        const overview = await reading();
        if (overview) collect(this, overview);
        else if (labelNames.length === 0) this.remove(); // Without labels it would say 0.
      },
    });
  };
  const perQueue = (name: string, help: string, value: (depth: Depth) => number) =>
    gauge(name, help, (each, { queues }) => {
      for (const depth of bounded(queues)) each.set({ queue: depth.queue }, value(depth));
    });
  perQueue("errand_queue_waiting", "Runs that wait in a queue, those whose time has not come included.", ({ waiting }) => waiting);
  perQueue("errand_queue_running", "Runs of a queue that are under way, in all processes.", ({ running }) => running);
  perQueue("errand_queue_oldest_seconds", "How long the oldest waiting run that is due has waited.", ({ oldest }) => (oldest ?? 0) / 1000);
  gauge("errand_workers", "Processes that take runs.", (each, { workers }) => each.set(workers.length), []);
  new prometheus.Gauge({
    name: "errand_store_up",
    help: "1 when the store answered this reading, else 0.",
    registers: [register],
    async collect() {
      this.set((await reading()) ? 1 : 0);
    },
  });
}

/** Counts of the queues past the bound go into one. */
function bounded(queues: readonly Depth[]): Depth[] {
  const fullest = queues.toSorted((one, other) => other.waiting + other.running - one.waiting - one.running);
  const rest = fullest.slice(QUEUES);
  if (rest.length === 0) return fullest;
  const oldest = rest.reduce((most, depth) => Math.max(most, depth.oldest ?? 0), 0);
  const sum = (key: "waiting" | "running") => rest.reduce((all, depth) => all + depth[key], 0);
  return [...fullest.slice(0, QUEUES), { queue: OTHER, waiting: sum("waiting"), running: sum("running"), oldest }];
}

/** What `read` gives, or undefined when it fails; one reading serves all who ask while it lasts and for `every` ms more. */
function shared<Value>(read: () => Promise<Value>, every: number): () => Promise<Value | undefined> {
  let reading: Promise<Value | undefined> | undefined;
  let readAt = 0;
  return () => {
    if (reading && performance.now() - readAt < every) return reading;
    readAt = Number.POSITIVE_INFINITY;
    reading = read()
      .catch(() => undefined)
      .finally(() => {
        readAt = performance.now();
      });
    return reading;
  };
}

async function inTime<Value>(value: Promise<Value>, within: number): Promise<Value> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new Error("The store did not answer in time.")), within);
  try {
    return await Promise.race([value, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}
