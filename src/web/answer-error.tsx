import { InvalidInputError, InvalidJsonError, LinkedRunError, NotFound, PermissionDenied, StoreError, UserError } from "../core/errors.ts";
import type { Message } from "../core/messages.ts";
import type { InvalidInputBody } from "../core/wire.ts";
import { InvalidInputPage } from "./pages/invalid-input.tsx";
import { MessagePage } from "./pages/message.tsx";
import { safeRedirect } from "./redirects.ts";
import { Refusal } from "./refusal.ts";
import { json, page } from "./respond.ts";
import type { Site } from "./site.ts";
import { newSupportCode } from "./support-code.ts";

/** Turns whatever was thrown into an answer that leaks nothing: JSON or a page. What nobody expected goes to the log. */
export async function answerError(site: Site, request: Request, thrown: unknown, asJson: boolean): Promise<Response> {
  const language = site.locale(request);
  const say = (message: Message) => site.text(request, message);
  const issues = invalidInput(thrown);
  if (issues) {
    const body: InvalidInputBody = { message: say({ key: "web.invalid" }), errors: issues };
    if (asJson) return json(body, 422);
    return page(site, <InvalidInputPage site={site} language={language} body={body} back={cameFrom(site, request)} say={say} />, 422);
  }
  const refusal = asRefusal(thrown);
  const support = refusal ? undefined : newSupportCode();
  if (support && !request.signal.aborted) {
    site.errand.log.error({ error: thrown, support, method: request.method, path: site.address(request).pathname }, "A request failed.");
  } else if (isUnavailable(thrown)) {
    site.errand.log.error({ error: thrown, method: request.method, path: site.address(request).pathname }, "A request was turned away.");
  }
  const { status, text, headers } = refusal ?? new Refusal(500, { key: "web.unexpected" });
  const code = support && say({ key: "web.support", params: { code: support } });
  const detail = say(text);
  if (asJson) return json({ detail: code ? `${detail} (${code})` : detail, ...(support && { support }) }, status, headers);
  return page(
    site,
    <MessagePage
      site={site}
      language={language}
      title={say({ key: "web.error_title" })}
      text={detail}
      note={code}
      back={cameFrom(site, request)}
      backText={say({ key: "web.back" })}
    />,
    status,
    headers,
  );
}

function invalidInput(thrown: unknown): InvalidInputBody["errors"] | undefined {
  if (thrown instanceof InvalidInputError) return thrown.issues;
  if (thrown instanceof UserError && !(thrown instanceof PermissionDenied) && !(thrown instanceof NotFound)) return [{ path: "", message: thrown.message }];
  return undefined;
}

function asRefusal(thrown: unknown): Refusal | undefined {
  if (thrown instanceof Refusal) return thrown;
  if (thrown instanceof PermissionDenied)
    return new Refusal(403, thrown.message === new PermissionDenied().message ? { key: "web.forbidden" } : thrown.message);
  if (thrown instanceof NotFound) return new Refusal(404, thrown.message === new NotFound().message ? { key: "web.not_found" } : thrown.message);
  if (thrown instanceof LinkedRunError) return new Refusal(409, { key: "rest.part_without_input" });
  // A path would name a part that is no JSON, which is the app's mistake; without one the whole is too long.
  if (thrown instanceof InvalidJsonError && thrown.path === "") return new Refusal(413, { key: "web.input_too_large" });
  if (isUnavailable(thrown)) return new Refusal(503, { key: "web.unavailable" }, { "Retry-After": "5" });
  return undefined;
}

/** The store, or the disk that files go to, cannot take anything now. */
function isUnavailable(thrown: unknown): boolean {
  return (
    thrown instanceof StoreError || (thrown instanceof Error && /^(ENOSPC|EDQUOT|EROFS|EMFILE|ENFILE)$/.test((thrown as NodeJS.ErrnoException).code ?? ""))
  );
}

/** The page of this site that the request came from, else the front page. */
function cameFrom(site: Site, request: Request): string {
  return safeRedirect(request.headers.get("referer"), site.address(request), new Set()) ?? "/";
}
