import type { IncomingMessage, ServerResponse } from "node:http";
import { getRequestListener, RequestError } from "@hono/node-server";
import type { WebHandler } from "../web/index.ts";
import { type FrameworkRequest, sentRequest } from "./sent-request.ts";
import { textParams } from "./text-params.ts";

interface Call extends FrameworkRequest {
  /** Told once the handler has answered, before anything is sent: the framework must send nothing of its own from here on. */
  answering?(): void;
}

type Listener = (incoming: IncomingMessage, outgoing: ServerResponse, call: Call) => Promise<void>;

/**
 * Serves a handler inside a framework on node:http. It resolves once the answer was sent or its client is gone, and rejects with what the
 * handler threw: then nothing was sent, and the framework's own error handling answers.
 */
export function frameworkListener(handler: WebHandler): Listener {
  const calls = new WeakMap<object, Call>();
  const failures = new WeakMap<object, { readonly error: unknown }>();
  const listener = getRequestListener(
    async (request, { incoming, outgoing }) => {
      const call = calls.get(incoming) as Call;
      try {
        const response = await handler(sentRequest(request, incoming as IncomingMessage, call), { params: textParams(call.params) });
        call.answering?.();
        return besideEarlier(response, outgoing as ServerResponse);
      } catch (error) {
        failures.set(incoming, { error });
        throw error;
      }
    },
    // Without an answer from here nothing is sent. What fails before the handler is a Host that makes no address.
    { errorHandler: (error) => (error instanceof RequestError ? new Response(null, { status: 400 }) : undefined) },
  );
  return async (incoming, outgoing, call) => {
    calls.set(incoming, call);
    await listener(incoming, outgoing);
    const failure = failures.get(incoming);
    if (failure) throw failure.error;
  };
}

/** The answer, with the cookies and the Vary that earlier middleware has set and that those of the answer would replace. */
function besideEarlier(response: Response, outgoing: ServerResponse): Response {
  const names = ["set-cookie", "vary"].filter((name) => outgoing.hasHeader(name) && response.headers.has(name));
  if (names.length === 0) return response;
  // A copy, because the headers of some answers cannot be changed.
  const answer = new Response(response.body, response);
  for (const name of names) {
    for (const value of [outgoing.getHeader(name)].flat()) answer.headers.append(name, String(value));
  }
  return answer;
}
