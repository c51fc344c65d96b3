import { createHash } from "node:crypto";
import { isEnded, type Upload, UserError } from "errand";
import { toHono } from "errand/hono";
import type { ActionInput } from "errand/web";
import type { Hono } from "hono";
import { madeTicketsPage } from "../pages/made-tickets.ts";
import { messagePage } from "../pages/message.ts";
import { answerPage } from "../pages/page.ts";
import type { Parts } from "./parts.ts";
import { artifactsOf, theirRun } from "./their-run.ts";

/** POST /tickets, perhaps with `file`; GET /tickets/:runId, the result. */
export function addTickets(app: Hono, { errand, tasks, web, visitOf }: Parts): void {
  const makeTickets = web.asyncAction({
    task: tasks.makeTickets,
    input: ({ fields, files }) => ({ file: listOf({ fields, files }) }),
    key: fingerprint,
    successUrl: (_, { runId }) => `/tickets/${runId}`,
    errorUrl: "/",
    successMessage: ({ tickets, left }) => {
      const made = tickets === 1 ? "The ticket is ready." : `All ${tickets.toLocaleString("en")} tickets are ready.`;
      return left === 0 ? made : `The tickets are ready, but some rows were left out: see below.`;
    },
  });
  app.all("/tickets", toHono(makeTickets));

  app.get("/tickets/:runId", async (c) => {
    const run = await theirRun({ errand, web }, tasks.makeTickets, c.req.param("runId"), c.req.raw);
    if (!run) return c.notFound();
    if (!isEnded(run.state)) return c.redirect(`/tickets?async_id=${run.id}`, 302);
    const visit = await visitOf(c.req.raw);
    if (run.state !== "succeeded") {
      const text = run.error ? errand.render(run.error.message, "en") : "They were canceled before all were made.";
      return answerPage(visit, messagePage({ title: "No tickets were made", text }));
    }
    return answerPage(visit, madeTicketsPage(run, await artifactsOf({ errand }, run)));
  });
}

/** The list that was sent; null when there was none. */
function listOf({ fields, files }: Pick<ActionInput, "fields" | "files">): Upload | null {
  const { file } = files;
  if (file !== undefined && !("upload" in file)) throw new UserError("Send one list at a time.");
  if (file === undefined && fields.file) throw new UserError("The list did not come as a file: the form must be sent as multipart/form-data.");
  return file ?? null;
}

/** The same for the same list: sent by a double click or from a second tab, it is made into tickets once. A list that was mended is another. */
async function fingerprint(input: ActionInput): Promise<string> {
  const file = listOf(input);
  if (!file) return "bundled";
  const hash = createHash("sha256").update(JSON.stringify(file.name));
  for await (const chunk of await input.open(file)) hash.update(chunk);
  return hash.digest("base64url");
}
