import { createErrand } from "errand";
import { defineTasks } from "./tasks.ts";

/** What `errand worker` loads; where its database is stands in the environment. */
export const errand = createErrand();

defineTasks(errand);
