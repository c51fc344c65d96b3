import { beginOrAttach } from "../polling/begin-or-attach.ts";
import { cached } from "../polling/cached.ts";
import type { Suite } from "../suite.ts";

/** What it costs to find a run by the address that began it. */
export const polling: Suite = { name: "polling", measurements: [cached, beginOrAttach] };
