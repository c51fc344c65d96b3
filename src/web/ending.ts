import { ConfigurationError } from "../core/errors.ts";
import type { Run } from "../core/run.ts";
import type { ActionError, AsyncActionOptions, Params } from "./async-action-options.ts";
import { safeRedirect } from "./redirects.ts";
import type { Site } from "./site.ts";

/** What the user is told of an ended run, and where they go. */
export interface Ending {
  readonly success: boolean;
  readonly redirect: string;
  /** "" for nothing. */
  readonly message: string;
}

interface EndingOptions<Argument, Output> {
  readonly site: Site;
  readonly options: AsyncActionOptions<Argument, Output>;
  readonly request: Request;
  readonly params: Params;
  readonly run: Run;
}

/** @throws ConfigurationError when the app's URL leads where no redirect may. */
export async function endingOf<Argument, Output>(details: EndingOptions<Argument, Output>): Promise<Ending> {
  const { site, options, request, params, run } = details;
  const context = { params, runId: run.id, request };
  if (run.state === "succeeded") {
    const value = run.result as Output;
    const url = typeof options.successUrl === "function" ? await options.successUrl(value, context) : options.successUrl;
    const message = (await options.successMessage?.(value)) ?? site.text(request, { key: "web.success" });
    return { success: true, redirect: checked(details, "successUrl", url), message };
  }
  const error = actionError(site, request, run);
  const url = typeof options.errorUrl === "function" ? await options.errorUrl({ ...context, error }) : options.errorUrl;
  const message = error.code === "canceled" ? undefined : await options.errorMessage?.(error);
  return { success: false, redirect: checked(details, "errorUrl", url), message: message ?? withSupport(site, request, run, error.message) };
}

function actionError(site: Site, request: Request, run: Run): ActionError {
  if (run.state === "canceled") return { code: "canceled", message: site.text(request, { key: "web.canceled" }) };
  const { code, message, type } = run.error ?? { code: "internal" as const, message: { key: "web.unexpected" } };
  return { code, message: site.text(request, message), ...(type !== undefined && { type }) };
}

function withSupport(site: Site, request: Request, run: Run, message: string): string {
  const code = run.error?.support;
  return code ? `${message} (${site.text(request, { key: "web.support", params: { code } })})` : message;
}

function checked<Argument, Output>({ site, request, run }: EndingOptions<Argument, Output>, name: string, url: unknown): string {
  const redirect = safeRedirect(url, site.address(request), site.redirectHosts);
  if (redirect !== null) return redirect;
  throw new ConfigurationError(
    `${name} of the action of task ${run.task} gave ${JSON.stringify(url)}, which does not lead to this site. Return a path such as "/orders", or add the other origin to redirectHosts.`,
  );
}
