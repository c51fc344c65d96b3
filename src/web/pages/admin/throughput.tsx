import type { MinuteCount } from "../../../core/workers.ts";
import type { PageContext } from "../tasks/page-context.ts";
import { Time } from "../tasks/run-parts.tsx";

const MINUTES = 60;
const MINUTE_MS = 60_000;
/** Units of the drawing: each minute is a bar of this width with a gap of 2. */
const BAR = 8;
const PITCH = 10;
const HEIGHT = 64;

/** From the bottom up. */
const kinds = ["failed", "canceled", "succeeded"] as const;
const columns = ["succeeded", "failed", "canceled"] as const;

interface ThroughputProps {
  readonly context: PageContext;
  /** Minutes in which no run ended may be left out. */
  readonly minutes: readonly MinuteCount[];
}

/** How many runs ended in each minute of the last hour: drawn, said in a sentence, and as a table. */
export function Throughput({ context, minutes }: ThroughputProps) {
  const { text, now } = context;
  const newest = Math.floor(now / MINUTE_MS) * MINUTE_MS;
  const shown = minutes.filter(({ minute }) => minute > newest - MINUTES * MINUTE_MS && minute <= newest);
  const most = Math.max(0, ...shown.map(total));
  if (most === 0) return <p class="errand-quiet">{text("throughput_none")}</p>;
  const sum = (kind: (typeof kinds)[number]) => shown.reduce((count, minute) => count + minute[kind], 0);
  const sentence = text("throughput_text", {
    total: shown.reduce((count, minute) => count + total(minute), 0),
    succeeded: sum("succeeded"),
    failed: sum("failed"),
    canceled: sum("canceled"),
    most,
  });
  return (
    <>
      <svg class="errand-plot" viewBox={`0 0 ${MINUTES * PITCH} ${HEIGHT}`} preserveAspectRatio="none" role="img" aria-label={sentence}>
        {shown.map((minute) => (
          <Bar minute={minute} x={(MINUTES - 1 - (newest - minute.minute) / MINUTE_MS) * PITCH} most={most} />
        ))}
      </svg>
      <p class="errand-axis" aria-hidden="true">
        <span>{text("hour_ago")}</span>
        <span>{text("now")}</span>
      </p>
      <p class="errand-quiet">{sentence}</p>
      <Numbers context={context} minutes={shown} />
    </>
  );
}

/** Failures stand at the bottom, where they are compared most easily. */
function Bar({ minute, x, most }: { readonly minute: MinuteCount; readonly x: number; readonly most: number }) {
  let y = HEIGHT;
  return (
    <>
      {kinds.map((kind) => {
        if (minute[kind] === 0) return null;
        const height = Math.max(2, (minute[kind] / most) * (HEIGHT - 2));
        y -= height;
        return <rect class={`errand-bar-${kind}`} x={x} y={round(Math.max(0, y))} width={BAR} height={round(height)} />;
      })}
    </>
  );
}

function Numbers({ context, minutes }: ThroughputProps) {
  const { say, text } = context;
  return (
    <details>
      <summary>{text("by_minute")}</summary>
      <table>
        <thead>
          <tr>
            <th scope="col">{text("minute")}</th>
            {columns.map((kind) => (
              <th scope="col">{say({ key: `web.state.${kind}` })}</th>
            ))}
          </tr>
        </thead>
        <tbody>
          {minutes.toReversed().map((minute) => (
            <tr>
              <th scope="row">
                <Time context={context} at={minute.minute} />
              </th>
              {columns.map((kind) => (
                <td data-label={say({ key: `web.state.${kind}` })}>{minute[kind]}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </details>
  );
}

function total({ succeeded, failed, canceled }: MinuteCount): number {
  return succeeded + failed + canceled;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
