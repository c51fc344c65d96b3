import type { Generated } from "kysely";

/** The tables as Kysely sees them. Times are ms since 1970; JSON is kept as text. */
export interface Schema {
  errand_runs: RunsTable;
  errand_artifacts: ArtifactsTable;
  errand_settings: { key: string; value: string };
  /** `delay`: how long after the end of a run they hear of it, ms. */
  errand_listeners: { name: string; delay: Generated<number> };
  errand_keys: {
    digest: string;
    task: string;
    scope: string;
    address: string;
    run_id: string;
    good_run_id: string | null;
    failures: number;
    keep: number;
  };
  /** What the last runs of each task took, as JSON. */
  errand_histories: { task: string; history: string };
  errand_failures: FailuresTable;
  errand_retries: Omit<FailuresTable, "message" | "columns" | "created">;
  errand_stops: { run_id: string; listener: string; tries: number; due_at: number | null; error: Generated<string | null> };
  errand_presence: { owner: string; process: string; since: number; until: number };
  errand_subscriptions: { digest: string; owner: string; endpoint: string; p256dh: string; auth: string; locale: string; created: number };
  errand_workers: { id: string; host: string; pid: number; queues: string; concurrency: number; started: number; seen: number };
}

export interface RunsTable {
  id: string;
  rev: number;
  task: string;
  name: string;
  owner: string | null;
  queue: string;
  priority: number;
  state: string;
  state_text: string | null;
  completed_steps: number;
  total_steps: number;
  /** The total that every attempt starts with. */
  planned_steps: number;
  attempt: number;
  max_attempts: number;
  input: string;
  result: string | null;
  error: string | null;
  parent: string | null;
  rerun_of: string | null;
  run_at: number;
  created: number;
  modified: number;
  started: number | null;
  ended: number | null;
  cancel_requested: number | null;
  /** Longest time of an attempt. */
  timeout: number;
  timeout_at: number | null;
  worker: string | null;
  lease_until: number | null;
  /** 1 while an ended run's durable listeners have no rows yet. */
  unheard: number | null;
  /** Of a container. */
  kind: string | null;
  root: string | null;
  position: number | null;
  weight: Generated<number>;
  /** 1 while a run waits for its turn in its container. */
  blocked: number | null;
  on_failure: string | null;
  template: string | null;
  /** The most completed steps, and the greatest total, that an earlier attempt has shown. */
  peak_steps: Generated<number>;
  peak_total: Generated<number>;
  /** Since when the run is hidden and waits to be erased. */
  removed: number | null;
  /** 1 once a hidden run's files and artifacts are gone. */
  cleared: number | null;
  /** JSON, once a loop has written. */
  loops: string | null;
  /** The trace that it is a part of. */
  trace: string | null;
  /** The named steps as JSON, which of them is under way, how many were completed when it began, and when that was. */
  steps: string | null;
  step: Generated<number>;
  step_from: Generated<number>;
  step_started: number | null;
}

export interface FailuresTable {
  run_id: string;
  number: number;
  loop: string;
  position: number;
  label: string;
  message: string;
  /** JSON, as the columns below it. */
  columns: string | null;
  before: string | null;
  cursor: string | null;
  item: string | null;
  created: number;
}

export interface ArtifactsTable {
  id: string;
  run_id: string;
  owner: string | null;
  attempt: number;
  name: string;
  kind: string;
  text: string | null;
  url: string | null;
  key: string | null;
  type: string | null;
  size: number | null;
  created: number;
  modified: number;
}
