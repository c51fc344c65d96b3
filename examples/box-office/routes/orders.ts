import { NotFound } from "errand";
import { toHono } from "errand/hono";
import type { Hono } from "hono";
import { messagePage } from "../pages/message.ts";
import { orderPage } from "../pages/order.ts";
import { answerPage } from "../pages/page.ts";
import { refuseForeign } from "../refuse-foreign.ts";
import type { Parts } from "./parts.ts";

/** GET /orders/:code, POST /orders/:code/cancel, POST /demo/reset. */
export function addOrders(app: Hono, { orders, tasks, web, visitOf }: Parts): void {
  app.get("/orders/:code", async (c) => {
    const visit = await visitOf(c.req.raw);
    try {
      return await answerPage(visit, orderPage(orders.get(c.req.param("code"))));
    } catch (error) {
      if (!(error instanceof NotFound)) throw error;
      return answerPage(visit, messagePage({ title: "There is no such order", text: error.message }), 404);
    }
  });

  const cancel = web.asyncAction({
    task: tasks.cancelOrder,
    input: ({ params }) => ({ code: orders.get(params.code as string).code }),
    successUrl: ({ code }) => `/orders/${code}`,
    errorUrl: ({ params }) => `/orders/${params.code}`,
    successMessage: ({ code }) => `Order ${code} has been canceled.`,
  });
  app.all("/orders/:code/cancel", toHono(cancel));

  app.post("/demo/reset", refuseForeign, (c) => {
    orders.reset();
    return c.redirect("/", 303);
  });
}
