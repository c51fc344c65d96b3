/** Bytes of a large answer, and of one piece of it. */
export const LARGE = 64 * 1_048_576;
const PIECE = 65_536;

interface Progress {
  /** Bytes that the server has asked the answer's stream for. */
  pulled: number;
  /** Sends the next event of the stream. */
  next: () => void;
  readonly started: PromiseWithResolvers<string>;
  /** How it ended: "aborted" by the request's signal, "canceled" as a stream. */
  readonly ended: PromiseWithResolvers<string>;
}

const exchanges = new Map<string, Progress>();

/** Answers as the query's `do` says. `id` names an exchange that later requests ask about: it may run in another process than the test. */
export async function probe(request: Request, { params = {} }: { readonly params?: Readonly<Record<string, string>> } = {}): Promise<Response> {
  const url = new URL(request.url);
  const exchange = exchangeOf(url.searchParams.get("id") ?? "");
  switch (url.searchParams.get("do")) {
    case "throw":
      throw new Error("The secret reason of the probe.");
    case "cookies":
      return cookies();
    case "nothing":
      return new Response(null, { status: 204 });
    case "wait":
      return untilAborted(request, exchange);
    case "events":
      return new Response(events(exchange), { headers: { "content-type": "text/event-stream", "cache-control": "no-cache" } });
    case "large":
      return new Response(large(exchange), { headers: { "content-type": "application/octet-stream" } });
    case "started":
      return new Response(await exchange.started.promise);
    case "ended":
      return new Response(await exchange.ended.promise);
    case "next":
      exchange.next();
      return new Response("sent");
    case "pulled":
      return new Response(String(exchange.pulled));
    default:
      return echo(request, url, params);
  }
}

function exchangeOf(id: string): Progress {
  const known = exchanges.get(id);
  if (known) return known;
  const made: Progress = { pulled: 0, next: () => {}, started: Promise.withResolvers(), ended: Promise.withResolvers() };
  exchanges.set(id, made);
  return made;
}

async function echo(request: Request, { pathname: path, search, host }: URL, params: object): Promise<Response> {
  const length = request.headers.get("content-length");
  return Response.json({ method: request.method, path, search, params, host, length, body: await request.text() });
}

function cookies(): Response {
  const headers = new Headers([
    ["set-cookie", "one=1; Path=/; Expires=Wed, 21 Oct 2037 07:28:00 GMT"],
    ["set-cookie", "two=2; Path=/; HttpOnly"],
    ["set-cookie", "three=3"],
  ]);
  return new Response("three", { headers });
}

function untilAborted(request: Request, { started, ended }: Progress): Promise<Response> {
  return new Promise((resolve) => {
    request.signal.addEventListener("abort", () => {
      ended.resolve("aborted");
      resolve(new Response(null, { status: 204 }));
    });
    started.resolve("started");
  });
}

/** One event at once, and one more for each `next`. */
function events(exchange: Progress): ReadableStream<Uint8Array> {
  const text = new TextEncoder();
  let count = 0;
  return new ReadableStream({
    start(controller) {
      exchange.next = () => controller.enqueue(text.encode(`data: ${++count}\n\n`));
      exchange.next();
    },
    cancel: () => exchange.ended.resolve("canceled"),
  });
}

function large(exchange: Progress): ReadableStream<Uint8Array> {
  const piece = new Uint8Array(PIECE).fill(120);
  return new ReadableStream(
    {
      pull(controller) {
        exchange.pulled += PIECE;
        controller.enqueue(piece);
        if (exchange.pulled === LARGE) controller.close();
      },
      cancel: () => exchange.ended.resolve("canceled"),
    },
    { highWaterMark: 0 },
  );
}
