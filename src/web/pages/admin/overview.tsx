import type { QueueDepth, WorkerRow } from "../../../core/workers.ts";
import type { Overview } from "../../../runtime/errand.ts";
import { durationWords } from "../tasks/formats.ts";
import type { PageContext } from "../tasks/page-context.ts";
import { Time } from "../tasks/run-parts.tsx";
import { Throughput } from "./throughput.tsx";

/** A worker that has not been heard of for longer than this is marked, ms. */
const SILENT_AFTER = 30_000;

/** What the installation is doing. */
export function OverviewSection({ context, overview }: { readonly context: PageContext; readonly overview: Overview }) {
  const { text } = context;
  return (
    <div id="overview" class="errand-overview">
      <section class="errand-card errand-throughput" aria-labelledby="throughput">
        <h2 id="throughput">{text("throughput")}</h2>
        <Throughput context={context} minutes={overview.endedPerMinute} />
      </section>
      <section class="errand-card" aria-labelledby="queues">
        <h2 id="queues">{text("queues")}</h2>
        <Queues context={context} queues={overview.queues} />
      </section>
      <section class="errand-card" aria-labelledby="workers">
        <h2 id="workers">{text("workers")}</h2>
        <Workers context={context} workers={overview.workers} />
      </section>
    </div>
  );
}

function Queues({ context, queues }: { readonly context: PageContext; readonly queues: readonly QueueDepth[] }) {
  const { text, locale } = context;
  if (queues.length === 0) return <p class="errand-quiet">{text("no_queues")}</p>;
  return (
    <table>
      <thead>
        <tr>
          <th scope="col">{text("queue")}</th>
          <th scope="col">{text("waiting")}</th>
          <th scope="col">{text("running")}</th>
          <th scope="col">{text("longest_wait")}</th>
        </tr>
      </thead>
      <tbody>
        {queues.map(({ queue, waiting, running, oldest }) => (
          <tr>
            <th scope="row">{queue}</th>
            <td data-label={text("waiting")}>{waiting}</td>
            <td data-label={text("running")}>{running}</td>
            <td data-label={text("longest_wait")}>{oldest === null ? "–" : durationWords(oldest, locale)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Workers({ context, workers }: { readonly context: PageContext; readonly workers: readonly WorkerRow[] }) {
  const { text } = context;
  if (workers.length === 0) return <p class="errand-quiet">{text("no_workers")}</p>;
  return (
    <table>
      <thead>
        <tr>
          <th scope="col">{text("worker")}</th>
          <th scope="col">{text("queues")}</th>
          <th scope="col">{text("busy")}</th>
          <th scope="col">{text("heartbeat")}</th>
        </tr>
      </thead>
      <tbody>
        {workers.map((worker) => (
          <Worker context={context} worker={worker} />
        ))}
      </tbody>
    </table>
  );
}

function Worker({ context, worker }: { readonly context: PageContext; readonly worker: WorkerRow }) {
  const { text, locale, now } = context;
  const silence = Math.max(0, now - worker.seen);
  return (
    <tr>
      <th scope="row">
        {worker.host} <span class="errand-quiet errand-sub">{text("process", { pid: worker.pid })}</span>
      </th>
      <td data-label={text("queues")}>{worker.queues.length === 0 ? text("all_queues") : worker.queues.join(", ")}</td>
      <td data-label={text("busy")}>{text("busy_of", { holding: worker.holding, concurrency: worker.concurrency })}</td>
      <td data-label={text("heartbeat")}>
        <Time context={context} at={worker.seen} />
        {silence > SILENT_AFTER ? (
          <span class="errand-sub errand-silent">
            {text("silent")}: {durationWords(silence, locale)}
          </span>
        ) : null}
      </td>
    </tr>
  );
}
