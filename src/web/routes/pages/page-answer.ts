import type { FlashMessage } from "../../flash.ts";
import type { PageContext } from "../../pages/tasks/page-context.ts";
import { page, redirect, withHeaders } from "../../respond.ts";

type Content = Parameters<typeof page>[1];

/** A page that shows the messages which were left for it. */
export async function pageWithFlashes(
  { site, request }: PageContext,
  render: (flashes: readonly FlashMessage[]) => Content | Promise<Content>,
): Promise<Response> {
  // A HEAD shows nothing to anybody, so it must not use the messages up.
  if (request.method === "HEAD") return page(site, await render([]));
  const { messages, headers } = await site.flash.take(request, site.isSecure(request));
  return withHeaders(await page(site, await render(messages)), headers);
}

/** Goes on to a page with a message for it. `key` is the run that the message is about, or a fresh id. */
export async function goOn({ site, request }: PageContext, next: string, key: string, message: FlashMessage): Promise<Response> {
  return withHeaders(redirect(next, 303), await site.flash.put(key, message, request, site.isSecure(request)));
}
