import type { WebHandler } from "../web/index.ts";
import { textParams } from "./text-params.ts";

type RouteHandler = (request: Request, context: { readonly params: Promise<unknown> }) => Promise<Response>;

const methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"] as const;

export interface NextOptions {
  /** `basePath` of next.config, such as "/shop": Next takes it away from the addresses that it shows. "" by default. */
  readonly basePath?: string;
}

/**
 * Fits a handler to a route.ts of the Next.js app router: `export const { GET, HEAD, POST } = toNext(handler)`. The route runs on Node
 * (`runtime = "nodejs"`, the default). docs/adapters.md says what next.config needs.
 *
 * @throws RangeError for a basePath that cannot be one.
 */
export function toNext(handler: WebHandler, { basePath = "" }: NextOptions = {}): Readonly<Record<(typeof methods)[number], RouteHandler>> {
  if (!/^(\/[^/?#]+)*$/.test(basePath)) throw new RangeError(`basePath must be a path such as "/shop", or "", but is ${JSON.stringify(basePath)}.`);
  const route: RouteHandler = async (request, { params }) => handler(sentRequest(request, basePath), { params: textParams(await params) });
  return Object.fromEntries(methods.map((method) => [method, route])) as Record<(typeof methods)[number], RouteHandler>;
}

/**
 * The request as the client sent it. Next names itself as the host, and believes whoever says X-Forwarded-Proto: here the host is the Host
 * header, and what a proxy says counts only with `trustProxy`.
 */
function sentRequest(request: Request, basePath: string): Request {
  const { host, pathname, search } = new URL(request.url);
  const { method, headers, body, signal } = request;
  const origin = `http://${headers.get("host") ?? host}`;
  return new Request(origin + basePath + pathname + search, { method, headers, body, signal, duplex: "half" });
}
