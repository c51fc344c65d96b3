import { parseAccept } from "hono/utils/accept";

export type Representation = "html" | "json";

const types: Readonly<Record<Representation, string>> = { json: "application/json", html: "text/html" };

/** What the asker would rather have, by Accept; JSON when it is all the same to them, null when they would take neither. */
export function representationFor(request: Request): Representation | null {
  const header = request.headers.get("accept");
  if (header === null || header === "application/json" || header.trim() === "") return "json";
  const accepted = parseAccept(header.slice(0, 2000));
  const quality = (representation: Representation): number => {
    const [main, sub] = types[representation].split("/");
    for (const range of [`${main}/${sub}`, `${main}/*`, "*/*"]) {
      const found = accepted.find(({ type }) => type.toLowerCase() === range);
      if (found) return found.q;
    }
    return 0;
  };
  const [json, html] = [quality("json"), quality("html")];
  if (json === 0 && html === 0) return null;
  return html > json ? "html" : "json";
}
