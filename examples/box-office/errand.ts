// What `errand worker examples/box-office/errand.ts` loads, and the server too.
// ERRAND_BROKER_URL and ERRAND_WORKER say who performs the runs; by default it is the process that serves the pages.
import { ConfigurationError, type Duration } from "errand";
import { openBoxOffice } from "./box-office.ts";
import { demoFolder } from "./demo-folder.ts";
import { printedNotices } from "./printed-notices.ts";

/** Long enough for a busy machine, short enough for somebody who kills the server to see what comes of it. */
const LEASE = "5s";

if (process.env.ERRAND_WORKER === "off" && !process.env.DEMO_DATA) {
  throw new ConfigurationError(
    "Set DEMO_DATA to a folder: without it every process has a fresh one of its own, and no worker would find the runs of the server.",
  );
}

export const folder = demoFolder();
export const boxOffice = openBoxOffice(folder.path, {
  lease: lease(process.env.DEMO_LEASE),
  notify: { channels: [printedNotices], when: "absent" },
});
export const { errand } = boxOffice;

/** DEMO_LEASE: how long a worker may be silent before its runs are taken from it, in ms or as "5s". */
function lease(text: string | undefined): Duration {
  if (!text) return LEASE;
  return /^\d+$/.test(text) ? Number(text) : (text as Duration);
}
