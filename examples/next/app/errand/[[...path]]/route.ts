import { toNext } from "errand/next";
import { web } from "../../year-export.ts";

export const { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS } = toNext(web.handler);
