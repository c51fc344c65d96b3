import { negotiateLocale } from "../core/messages.ts";
import { Recent } from "../core/recent.ts";

/** Browsers send few different headers, and every poll brings the same one. */
const known = new Recent<string>(500);

/** The best language for a request's Accept-Language. */
export function acceptedLocale(request: Request): string {
  const header = request.headers.get("accept-language");
  return header === null ? negotiateLocale(header) : known.get(header, () => negotiateLocale(header));
}
