import type { Comparison } from "./compare.ts";
import type { LifecycleCost } from "./lifecycle-cost.ts";
import type { Sizes } from "./sizes.ts";

/** The sizes, as a table of Markdown. */
export function sizeTable({ rows, total, table, indexes }: Sizes): string {
  const line = (name: string, size: number) => `| ${name} | ${mebi(size)} | ${Math.round(size / rows)} |`;
  const lines = [
    line("table", table),
    ...indexes.filter(({ size }) => size / rows >= 1).map(({ name, size }) => line(`\`${name.replace(/^.*\./, "")}\``, size)),
  ];
  const rest = indexes.filter(({ size }) => size / rows < 1);
  return [
    `${rows.toLocaleString("en")} runs`,
    "",
    "| part | MiB | bytes per run |",
    "|---|---|---|",
    ...lines,
    line(
      `${rest.length} indexes of what is open`,
      rest.reduce((sum, { size }) => sum + size, 0),
    ),
    line("all", total),
  ].join("\n");
}

/** The comparisons, as a table of Markdown. */
export function comparisonTable(comparisons: readonly Comparison[]): string {
  const lines = comparisons.map(({ name, ms: [large, small], pages, indexes, scans }) => {
    const way = [...indexes.map((index) => index.replace("errand_", "")), ...scans.map((table) => `**all of ${table}**`)].join(", ");
    return `| ${name} | ${large.toFixed(2)} | ${small.toFixed(2)} | ${(small / large).toFixed(2)} | ${pages.join(" / ")} | ${way} |`;
  });
  return ["| question | ms, large | ms, small | ratio | pages, large / small | by way of |", "|---|---|---|---|---|---|", ...lines].join("\n");
}

export function costTable(costs: readonly (LifecycleCost & { readonly rows: number })[]): string {
  const lines = costs.map(
    ({ rows, inFlight, wal, statements }) => `| ${rows.toLocaleString("en")} | ${inFlight} | ${Math.round(wal)} | ${statements.toFixed(2)} |`,
  );
  return ["| runs in the table | in flight | bytes of WAL per run | statements per run |", "|---|---|---|---|", ...lines].join("\n");
}

function mebi(size: number): string {
  return (size / 2 ** 20).toFixed(1);
}
