import { afterAll, beforeAll, expect, test } from "vitest";
import { restResources } from "../../../src/web/rest/resources.ts";
import { SitePaths } from "../../../src/web/site-paths.ts";
import { Browser, openSite, type TestSite } from "../fixture.ts";
import { checker, type OpenApiDocument } from "./api.ts";

let site: TestSite;
let document: OpenApiDocument;

beforeAll(async () => {
  site = await openSite();
  document = (await (await new Browser(site.web.handler).send("/errand/openapi.json")).json()) as OpenApiDocument;
});
afterAll(() => site.close());

test("everybody may read it, and it may be kept for a while", async () => {
  const response = await new Browser(site.web.handler).send("/errand/openapi.json");
  expect([response.status, response.headers.get("content-type"), response.headers.get("cache-control")]).toEqual([
    200,
    "application/json",
    "public, max-age=300",
  ]);
  expect(document.openapi).toMatch(/^3\.1\.\d$/);
});

test("it describes every address and method of the API, and no others", () => {
  const served = restResources(new SitePaths("/errand")).flatMap(({ path, methods }) =>
    Object.keys(methods).map((method) => `${method} ${path.replace(":id", "{id}")}/`),
  );
  const described = Object.entries(document.paths).flatMap(([path, item]) =>
    Object.keys(item)
      .filter((key) => key !== "parameters")
      .map((method) => `${method.toUpperCase()} ${path}`),
  );
  const elsewhere = ["GET /errand/artifacts/{id}/download", "GET /errand/events/", "GET /errand/tasks/{id}/events/", "GET /errand/tasks/{id}/notes/"];
  expect(described.sort()).toEqual([...served, ...elsewhere].sort());
  const operations = Object.values(document.paths).flatMap((item) => Object.values(item).flatMap((operation) => operation.operationId ?? []));
  expect(new Set(operations).size).toBe(operations.length);
});

test("every reference in it leads somewhere, and every component is used", () => {
  const references = [...JSON.stringify(document).matchAll(/"\$ref":"([^"]*)"/g)].map((match) => match[1] as string);
  const components = Object.keys(document.components.schemas).map((name) => `#/components/schemas/${name}`);
  expect([...new Set(references)].sort()).toEqual(components.sort());
});

test("the parameters of the lists are those that they check", () => {
  const parameters = document.paths["/errand/tasks/"]?.get?.parameters ?? [];
  expect(parameters.map(({ name }) => name)).toEqual(["limit", "cursor", "state", "task", "name", "parent", "created_after", "created_before"]);
  expect(parameters[0]?.schema).toMatchObject({ type: "integer", minimum: 1, maximum: 100, default: 20 });
  expect(document.paths["/errand/artifacts/"]?.get?.parameters?.map(({ name }) => name)).toEqual(["limit", "cursor", "run"]);
});

test("an answer that does not fit it is found", () => {
  const check = checker(document);
  const answer = (body: unknown, status = 200) => ({ status, body, text: "", headers: new Headers() });
  expect(() => check("GET", "/errand/tasks/", answer([]))).not.toThrow();
  expect(() => check("GET", "/errand/tasks/", answer([{ id: "x" }]))).toThrow("must have required property");
  expect(() => check("GET", "/errand/tasks/x/", answer({}))).toThrow("must have required property");
  expect(() => check("GET", "/errand/tasks/x/", answer({ detail: "Not found." }, 404))).not.toThrow();
  expect(() => check("GET", "/errand/tasks/x/", answer({ message: "Not found." }, 404))).toThrow("detail");
  expect(() => check("DELETE", "/errand/tasks/x/", answer(undefined, 202))).toThrow("does not describe");
});
