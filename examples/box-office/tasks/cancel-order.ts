import type { Errand, Task } from "errand";
import { z } from "zod";
import type { Orders } from "../orders.ts";

const input = z.object({ code: z.string() });

export type CancelOrderInput = z.input<typeof input>;

/** Cancels an order; the run fails with an OrderError when it is canceled already. */
export function cancelOrderTask(errand: Errand, orders: Orders): Task<CancelOrderInput, { code: string }> {
  return errand.task({
    name: "cancel_order",
    input,
    generateName: ({ code }) => `Cancel order ${code}`,
    run: ({ code }) => ({ code: orders.cancel(code).code }),
  });
}
