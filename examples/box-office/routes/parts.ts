import type { ErrandWeb } from "errand/web";
import type { BoxOffice } from "../box-office.ts";
import type { Visit } from "../pages/page.ts";

/** What the routes answer with. */
export interface Parts extends BoxOffice {
  readonly web: ErrandWeb;
  /** Who asks, and their messages, which count as shown then. */
  visitOf(request: Request): Promise<Visit>;
}
