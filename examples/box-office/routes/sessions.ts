import type { Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import { messagePage } from "../pages/message.ts";
import { answerPage } from "../pages/page.ts";
import { refuseForeign } from "../refuse-foreign.ts";
import { people } from "../session.ts";
import type { Parts } from "./parts.ts";

/** POST /login with `name`, POST /logout. */
export function addSessions(app: Hono, { session, visitOf }: Parts): void {
  app.post("/login", refuseForeign, bodyLimit({ maxSize: 65_536 }), async (c) => {
    const { name } = await c.req.parseBody().catch(() => ({ name: undefined }));
    const user = session.find(name);
    if (!user) {
      const names = new Intl.ListFormat("en", { type: "disjunction" }).format(people.map(({ id }) => id));
      return answerPage(await visitOf(c.req.raw), messagePage({ title: "Nobody was signed in", text: `Send the field name with ${names}.` }), 422);
    }
    c.header("Set-Cookie", session.cookie(user, c.req.raw));
    return c.redirect("/", 303);
  });
  app.post("/logout", refuseForeign, (c) => {
    c.header("Set-Cookie", session.cookie(null, c.req.raw));
    return c.redirect("/", 303);
  });
}
