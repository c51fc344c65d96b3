import { lifecycle } from "../embedded/lifecycle.ts";
import { lifecycleWorker } from "../embedded/lifecycle-worker.ts";
import { poll } from "../embedded/poll.ts";
import { pollWhileBusy } from "../embedded/poll-while-busy.ts";
import { progress } from "../embedded/progress.ts";
import type { Suite } from "../suite.ts";

/** What needs no server: an SQLite file, this process and workers on the same file. */
export const embedded: Suite = { name: "embedded", measurements: [lifecycle, lifecycleWorker, progress, poll, pollWhileBusy] };
