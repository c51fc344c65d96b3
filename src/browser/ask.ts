import type { InvalidInputBody, PretixBody } from "../core/wire.ts";

/** What came of a request. `failed` has the HTTP status as its code, 0 without an answer. */
export type Answer =
  | { readonly kind: "body"; readonly body: Partial<PretixBody> }
  | { readonly kind: "page"; readonly html: string; readonly movedTo: string | false }
  | { readonly kind: "invalid"; readonly body: InvalidInputBody }
  | { readonly kind: "failed"; readonly code: number; readonly detail: string; readonly isTemporary: boolean };

/** So long a server may be silent, ms. */
const TIMEOUT = 60_000;

/** Gets `url`, or posts `body` to it, and reads whatever comes back; never rejects. `onUpload` hears which part of the body has gone out, 0 to 100. */
export function ask(url: string, body?: FormData, onUpload?: (percentage: number) => void): Promise<Answer> {
  return new Promise((resolve) => {
    const request = new XMLHttpRequest();
    request.open(body ? "POST" : "GET", url);
    request.setRequestHeader("Accept", "application/json");
    if (document.hidden) request.setRequestHeader("Errand-Page", "hidden");
    request.timeout = TIMEOUT;
    const start = performance.now();
    request.upload.onprogress = ({ loaded, total }) => {
      // The timeout counts from the start, and a large file may take longer than that to go out.
      request.timeout = performance.now() - start + TIMEOUT;
      if (loaded < total) onUpload?.((100 * loaded) / total);
    };
    request.onloadend = () => resolve(read(request, url));
    request.send(body);
  });
}

function read(request: XMLHttpRequest, url: string): Answer {
  const { status, responseText: text, responseURL } = request;
  const isOk = status >= 200 && status < 300;
  const isPage = /html/.test(request.getResponseHeader("content-type") ?? "");
  // Other error pages tell the user nothing that is worth losing the form for.
  if (isPage && (isOk || status === 400 || status === 422)) return { kind: "page", html: text, movedTo: responseURL !== url.split("#")[0] && responseURL };
  const json = parse(text);
  if (isOk && json) return { kind: "body", body: json };
  if (status === 422 && Array.isArray(json?.errors)) return { kind: "invalid", body: json as unknown as InvalidInputBody };
  return {
    kind: "failed",
    code: status,
    detail: String(json?.detail ?? ""),
    isTemporary: isOk || status === 0 || status >= 500 || status === 408 || status === 429,
  };
}

function parse(text: string): Record<string, unknown> | undefined {
  try {
    const json: unknown = JSON.parse(text);
    if (json instanceof Object) return json as Record<string, unknown>;
  } catch {
    // An answer that is no JSON says nothing.
  }
  return undefined;
}
