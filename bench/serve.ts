import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";

/** What a server has used since it was asked before. */
export interface Usage {
  /** The part of the time in which its event loop had something to do, 0 to 1. */
  readonly busy: number;
  /** Time on a processor, ms. */
  readonly cpu: number;
}

/** Serves HTTP on a port of the system's choice, tells it to the process that forked this one, and answers its question how much this one has used since the last time. */
export function serve(listener: RequestListener): void {
  let loop = performance.eventLoopUtilization();
  let processor = process.cpuUsage();
  process.on("message", () => {
    const [nextLoop, used] = [performance.eventLoopUtilization(), process.cpuUsage(processor)];
    process.send?.({ busy: performance.eventLoopUtilization(nextLoop, loop).utilization, cpu: (used.user + used.system) / 1000 } satisfies Usage);
    loop = nextLoop;
    processor = process.cpuUsage();
  });
  process.on("disconnect", () => process.exit());
  process.on("SIGTERM", () => process.exit());
  const server = createServer(listener);
  server.listen(0, "127.0.0.1", () => process.send?.((server.address() as AddressInfo).port));
}
