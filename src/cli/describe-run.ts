import { stripVTControlCharacters } from "node:util";
import type { Artifact } from "../core/artifact.ts";
import { percentage } from "../core/progress.ts";
import type { Run } from "../core/run.ts";
import { runDocument } from "../core/run-document.ts";
import { stateLabel } from "../core/states.ts";
import type { Errand } from "../runtime/errand.ts";

/** Untrusted text on one line of a terminal: nothing in it moves the cursor, colours or breaks the line. */
export function plain(text: string): string {
  return stripVTControlCharacters(text).replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, " ");
}

/** Runs as a table of aligned columns. */
export function table(runs: readonly Run[]): string {
  const rows = [["ID", "STATE", "DONE", "CREATED", "OWNER", "TASK", "NAME"], ...runs.map(cells)];
  const widths = (rows[0] as string[]).map((_, column) => Math.max(...rows.map((row) => (row[column] as string).length)));
  return rows.map((row) => row.map((cell, column) => (column === row.length - 1 ? cell : cell.padEnd(widths[column] as number))).join("  ")).join("\n");
}

function cells(run: Run): string[] {
  const created = new Date(run.created).toISOString().slice(0, 19).replace("T", " ");
  return [run.id, stateLabel(run.state), `${percentage(run)} %`, created, plain(run.owner ?? "-"), plain(run.task), plain(run.name)];
}

/** All of one run, a line each. */
export function details(errand: Errand, run: Run, artifacts: readonly Artifact[]): string {
  const rows: [string, string | null][] = [
    ["id", run.id],
    ["name", plain(run.name)],
    ["task", plain(run.task)],
    ["owner", run.owner && plain(run.owner)],
    ["queue", plain(run.queue)],
    ["state", stateLabel(run.state)],
    ["state text", run.stateText && plain(errand.render(run.stateText, "en"))],
    ["steps", `${run.completedSteps} of ${run.totalSteps} (${percentage(run)} %)`],
    ["attempt", `${run.attempt} of ${run.maxAttempts}`],
    ["created", time(run.created)],
    ["started", time(run.started)],
    ["ended", time(run.ended)],
    ["rerun of", run.rerunOf],
    ["error", run.error && plain(errand.render(run.error.message, "en"))],
    ["support code", run.error?.support ?? null],
    ["result", run.result === null ? null : plain(JSON.stringify(run.result)).slice(0, 2000)],
    ...artifacts.map((artifact): [string, string] => ["artifact", `${plain(artifact.name)}: ${plain(content(errand, artifact))}`]),
  ];
  return rows.flatMap(([label, value]) => (value === null ? [] : [`${label.padEnd(13)} ${value}`])).join("\n");
}

/** All of one run for a program. */
export function document(errand: Errand, run: Run, artifacts: readonly Artifact[]) {
  return {
    ...documentOf(errand, run),
    artifacts: artifacts.map(({ key: _, runId: __, ...artifact }) => ({ ...artifact, text: artifact.text && errand.render(artifact.text, "en") })),
  };
}

export function documentOf(errand: Errand, run: Run) {
  return {
    ...runDocument(run),
    state_text: run.stateText && errand.render(run.stateText, "en"),
    error: run.error && errand.render(run.error.message, "en"),
  };
}

function content(errand: Errand, { kind, url, text, size, type }: Artifact): string {
  if (kind === "url") return url as string;
  return kind === "text" ? errand.render(text ?? "", "en") : `${type}, ${size} bytes`;
}

function time(ms: number | null): string | null {
  return ms === null ? null : new Date(ms).toISOString();
}
