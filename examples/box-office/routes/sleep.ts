import { toHono } from "errand/hono";
import type { Hono } from "hono";
import type { SleepInput } from "../tasks/sleep.ts";
import type { Parts } from "./parts.ts";

/** POST /sleep with `seconds` and `steps`. */
export function addSleep(app: Hono, { tasks, web }: Parts): void {
  const sleep = web.asyncAction({
    task: tasks.sleep,
    input: ({ fields: { seconds, steps } }) => ({ seconds: seconds ?? "", steps: steps ?? "" }) as SleepInput,
    successUrl: "/",
    errorUrl: "/",
    successMessage: ({ seconds, steps }) => `Slept for ${seconds} s, in ${steps} ${steps === 1 ? "step" : "steps"}.`,
  });
  app.all("/sleep", toHono(sleep));
}
