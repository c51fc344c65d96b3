import { ConfigurationError } from "../core/errors.ts";
import type { Upload } from "../core/task.ts";
import { openUpload } from "../runtime/attempts/uploads.ts";
import type { Visitor } from "./access.ts";
import type { AsyncActionOptions, Params } from "./async-action-options.ts";
import { protocolFields } from "./faces/pretix.ts";
import type { FormBody } from "./form-body.ts";
import { readBody } from "./read-body.ts";
import type { Site } from "./site.ts";
import { newVisitor } from "./visitor-cookie.ts";

interface StartOptions<Argument, Output> {
  readonly site: Site;
  readonly options: AsyncActionOptions<Argument, Output>;
  readonly request: Request;
  readonly params: Params;
  /** Filled while the request is read. */
  readonly body: FormBody;
}

export interface Started {
  readonly runId: string;
  readonly owner: string;
  /** To go with the answer: the cookie by which an anonymous visitor comes back as the owner. */
  readonly headers: Headers;
}

/** Reads the form, stores its files and starts the run. When anything of that fails, nothing is left behind. */
export async function startRun<Argument, Output>({ site, options, request, params, body }: StartOptions<Argument, Output>): Promise<Started> {
  const { errand, limits } = site;
  const visitor = await site.access.visitor(request);
  const owner = visitor.owner ?? newVisitor();
  const runId = errand.newRunId();
  const prefix = `uploads/${runId}`;
  try {
    await readBody(request, body, { limits, storage: errand.storage, prefix });
    const { fields, files } = body;
    const open = (upload: Upload) => openUpload(errand.storage, { id: runId }, upload);
    const input = { request, params, user: visitor.user, owner, fields: withoutProtocol(fields), files, runId, open };
    const argument = options.input ? await options.input(input) : ({ ...input.fields, ...files } as Argument);
    const key = await options.key?.(input);
    const run = await begin(options, argument, { owner, id: runId, key, hasFiles: Object.keys(files).length > 0 });
    if (run.id !== runId) await errand.storage.remove(prefix); // Another request of theirs has begun it.
    return { runId: run.id, owner, headers: await visitorHeaders(site, request, visitor, owner) };
  } catch (error) {
    await errand.storage
      .remove(prefix)
      .catch((failed: unknown) => errand.log.error({ error: failed, prefix }, "Uploads of a run that was not started could not be removed."));
    throw error;
  }
}

interface BeginOptions {
  readonly owner: string;
  readonly id: string;
  readonly key: string | undefined;
  readonly hasFiles: boolean;
}

/** @throws ConfigurationError for files or a key where linked runs are begun: the files would belong to none of them. */
async function begin<Argument, Output>(
  { task }: AsyncActionOptions<Argument, Output>,
  argument: Argument,
  { owner, id, key, hasFiles }: BeginOptions,
): Promise<{ readonly id: string }> {
  if (typeof task !== "function") return task.start(argument, { owner, id, ...(key !== undefined && { key }) });
  if (key !== undefined || hasFiles)
    throw new ConfigurationError("An action that begins linked runs takes neither files nor a key: let an action with a task take them.");
  return (await task(argument)).start({ owner });
}

async function visitorHeaders(site: Site, request: Request, visitor: Visitor, owner: string): Promise<Headers> {
  const headers = new Headers();
  if (!visitor.user) headers.append("Set-Cookie", await site.cookie.write(owner, site.isSecure(request)));
  return headers;
}

function withoutProtocol(fields: FormBody["fields"]): FormBody["fields"] {
  return Object.fromEntries(Object.entries(fields).filter(([name]) => !protocolFields.includes(name)));
}
