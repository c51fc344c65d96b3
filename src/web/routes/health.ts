import { json } from "../respond.ts";
import type { Site } from "../site.ts";

/** GET healthz: this process is alive, since it answers. It asks nobody else: a store that is away is no reason to kill the process. */
export async function healthz(): Promise<Response> {
  return json({ status: "alive" });
}

/** GET readyz: 200 when this process can do its work, else 503 with which part cannot; the log has the reason. */
export async function readyz({ errand }: Pick<Site, "errand">): Promise<Response> {
  const { ready, ...parts } = await errand.readiness();
  return json({ status: ready ? "ready" : "unready", ...parts }, ready ? 200 : 503);
}
