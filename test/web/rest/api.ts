import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";
import { expect } from "vitest";
import type { ErrandOptions } from "../../../src/index.ts";
import type { WebHandler, WebOptions } from "../../../src/web/index.ts";
import { Browser, openSite, type Sent, type TestSite } from "../fixture.ts";

/** Who asks. `nobody` has neither a user nor a cookie. */
export type Who = "nobody" | "alice" | "bob" | "admin";

export interface Answer<Body = unknown> {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly body: Body;
}

/** A site whose every answer is held against its own openapi.json. */
export class Api {
  readonly site: TestSite;
  readonly check: (method: string, path: string, answer: Answer) => void;

  constructor(site: TestSite, check: Api["check"]) {
    this.site = site;
    this.check = check;
  }

  async ask<Body = unknown>(who: Who | Browser, path: string, sent: Sent = {}): Promise<Answer<Body>> {
    const browser = who instanceof Browser ? who : person(this.site.web.handler, who);
    const answer = await read<Body>(await browser.send(path, sent));
    this.check(sent.method ?? "GET", path, answer);
    return answer;
  }

  /** Status and body, for a short look. */
  async brief(who: Who | Browser, path: string, sent: Sent = {}): Promise<[number, unknown]> {
    const { status, body } = await this.ask(who, path, sent);
    return [status, body];
  }
}

export async function openApi(web: WebOptions = {}, options: ErrandOptions = {}): Promise<Api> {
  const site = await openSite(web, options);
  const document = (await (await new Browser(site.web.handler).send(`${site.web.path}/openapi.json`)).json()) as OpenApiDocument;
  return new Api(site, checker(document));
}

export function person(handler: WebHandler, who: Who): Browser {
  return who === "nobody" ? new Browser(handler) : new Browser(handler, who);
}

async function read<Body>(response: Response): Promise<Answer<Body>> {
  const text = await response.text();
  const isJson = response.headers.get("content-type") === "application/json" && text !== "";
  return { status: response.status, headers: response.headers, text, body: (isJson ? JSON.parse(text) : undefined) as Body };
}

export interface OpenApiDocument {
  readonly openapi: string;
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, object>> };
}

export interface Operation {
  readonly operationId: string;
  readonly parameters?: readonly { readonly name: string; readonly schema: object }[];
  readonly responses: Readonly<Record<string, { readonly content?: Readonly<Record<string, { readonly schema?: object }>> }>>;
}

const methods = new Set(["get", "post", "delete"]);

/** Holds answers against the document: their status must be described, and their body must fit. */
export function checker(document: OpenApiDocument): Api["check"] {
  const ajv = new Ajv2020({ strict: false, allErrors: true, formats });
  ajv.addSchema(document, "openapi");
  const validators = new Map<string, ValidateFunction>();
  const templates = Object.keys(document.paths).map((path) => ({ path, pattern: new RegExp(`^${path.replace(/\/$/, "/?").replace("{id}", "[^/]+")}$`) }));
  return (method, path, answer) => {
    const pathname = new URL(path, "https://tickets.example").pathname;
    const template = templates.find(({ pattern }) => pattern.test(pathname))?.path;
    const verb = method === "HEAD" ? "get" : method.toLowerCase();
    const operation = template !== undefined && methods.has(verb) ? document.paths[template]?.[verb] : undefined;
    const found = operation && (operation.responses[answer.status] ? String(answer.status) : "default");
    if (operation && answer.status < 400)
      expect(found, `${method} ${path} answered ${answer.status}, which openapi.json does not describe`).not.toBe("default");
    const pointer = ["paths", template, verb, "responses", found, "content", "application/json", "schema"].map((part) =>
      String(part).replaceAll("~", "~0").replaceAll("/", "~1"),
    );
    const described = operation?.responses[found as string]?.content?.["application/json"]?.schema;
    const schema = described ? `openapi#/${pointer.map(encodeURIComponent).join("/")}` : "openapi#/components/schemas/Problem";
    if (answer.body === undefined || (!described && answer.status < 400)) return;
    const fits = validators.get(schema) ?? ajv.compile({ $ref: schema });
    validators.set(schema, fits);
    expect(fits(answer.body), `${method} ${path} ${answer.status} ${answer.text}\n${ajv.errorsText(fits.errors)}`).toBe(true);
  };
}

const formats = {
  uuid: /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}$/,
  uri: (text: string) => URL.canParse(text),
  date: true,
  "date-time": (text: string) => new Date(text).toISOString() === text,
} as const;
