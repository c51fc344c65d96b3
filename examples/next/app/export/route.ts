import { toNext } from "errand/next";
import { startExport } from "../year-export.ts";

export const { GET, HEAD, POST } = toNext(startExport);
