import { detail } from "../rest/detail.ts";
import { list } from "../rest/list.ts";
import { listDeep } from "../rest/list-deep.ts";
import { listMillion } from "../rest/list-million.ts";
import type { Suite } from "../suite.ts";

/** What the REST API costs where there are many runs. */
export const rest: Suite = { name: "rest", measurements: [detail, list, listDeep, listMillion] };
