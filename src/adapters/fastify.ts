import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { WebHandler } from "../web/index.ts";
import { frameworkListener } from "./framework-listener.ts";

/**
 * Fits a handler to Fastify 5: `scope.all("/orders/:code/cancel", toFastify(handler))`. A body that a content type parser has parsed is
 * honoured; forms and files need `passBodies(scope)`, or Fastify refuses them as unknown media types before they come here. Headers set on
 * the reply before are sent too; onSend hooks are passed by. What the handler throws goes to the app's error handler.
 */
export function toFastify(handler: WebHandler): (request: FastifyRequest, reply: FastifyReply) => Promise<void> {
  const listen = frameworkListener(handler);
  return ({ raw, originalUrl: url, params, body }, reply) => {
    const answering = () => {
      for (const [name, value] of Object.entries(reply.getHeaders())) if (value !== undefined) reply.raw.setHeader(name, value);
      reply.hijack();
    };
    return listen(raw, reply.raw, { url, params, body, answering });
  };
}

/**
 * Makes Fastify leave all bodies unread in this scope, for Errand to read and to limit (`maxBody`, `maxUpload`). Call it in a plugin of its own,
 * so that the rest of the app keeps its parsers: `app.register(async (scope) => { passBodies(scope); scope.all(…) })`.
 */
export function passBodies(scope: Pick<FastifyInstance, "addContentTypeParser" | "removeAllContentTypeParsers">): void {
  scope.removeAllContentTypeParsers();
  scope.addContentTypeParser("*", (_request, payload, done) => done(null, payload));
}
