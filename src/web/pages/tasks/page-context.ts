import type { Message } from "../../../core/messages.ts";
import { isSuperuser, type Visitor } from "../../access.ts";
import { safeRedirect } from "../../redirects.ts";
import type { Site } from "../../site.ts";
import { seen } from "../../watching.ts";
import { readerLocale } from "./formats.ts";

/** What the pages of tasks know of a request. */
export interface PageContext {
  readonly site: Site;
  readonly request: Request;
  /** As the browser knows it. */
  readonly address: URL;
  readonly visitor: Visitor;
  readonly superuser: boolean;
  /** Language of the texts, such as "en". */
  readonly language: string;
  /** Form of times and numbers, such as "en-GB". */
  readonly locale: string;
  /** ms since 1970 */
  readonly now: number;
  /** Path of the page that a form or a link leads back to. */
  readonly here: string;
  readonly say: (message: Message) => string;
  /** One of the pages' own texts, its key without "pages.". */
  readonly text: (key: string, params?: Readonly<Record<string, string | number>>) => string;
}

export async function pageContext(site: Site, request: Request): Promise<PageContext> {
  const visitor = await site.access.visitor(request);
  seen(site, request, visitor.owner);
  const address = site.address(request);
  const language = site.locale(request);
  const say = (message: Message) => site.text(request, message);
  return {
    site,
    request,
    address,
    visitor,
    superuser: isSuperuser(visitor),
    language,
    locale: readerLocale(language, request.headers.get("accept-language")),
    now: Date.now(),
    here: address.pathname + address.search,
    say,
    text: (key, params) => say(params ? { key: `pages.${key}`, params } : { key: `pages.${key}` }),
  };
}

/** The page of this site that a form or a link names, else `otherwise`. */
export function backTo(context: PageContext, next: unknown, otherwise: string): string {
  return safeRedirect(next, context.address, new Set()) ?? otherwise;
}

/** "{count} tasks were deleted." in the number's own form. */
export function counted(context: PageContext, key: string, count: number): string {
  const form = new Intl.PluralRules(context.locale).select(count) === "one" ? "one" : "other";
  return context.text(`${key}.${form}`, { count });
}
