import { z } from "zod";
import type { Site } from "../site.ts";
import type { SitePaths } from "../site-paths.ts";
import { operations } from "./operations.ts";
import { artifactSchema, invalidInputSchema, notesSchema, problemSchema, runSchema } from "./schemas.ts";

const documents = new WeakMap<SitePaths, string>();

/** GET openapi.json: what the REST API takes and gives, as OpenAPI 3.1. It tells nothing of anybody's runs, so everybody may read it. */
export async function openApi(site: Site): Promise<Response> {
  const text = documents.get(site.paths) ?? JSON.stringify(openApiDocument(site.paths));
  documents.set(site.paths, text);
  const headers = { "Content-Type": "application/json", "Cache-Control": "public, max-age=300", "X-Content-Type-Options": "nosniff" };
  return new Response(text, { status: 200, headers });
}

/** Made from the schemas that also check the requests. */
function openApiDocument(paths: SitePaths) {
  return {
    openapi: "3.1.1",
    info: {
      title: "Errand",
      version: "1",
      description:
        "Tasks that run in the background for the user who asked for them. Whoever the app has signed in, or the visitor of the signed cookie, sees and changes their own; superusers see all.",
    },
    paths: operations(paths),
    components: {
      schemas: componentSchemas(),
      securitySchemes: { visitor: { type: "apiKey", in: "cookie", name: "errand_visitor", description: "Set when an anonymous visitor starts a task." } },
    },
  };
}

function componentSchemas(): Record<string, unknown> {
  const registry = z.registry<{ id: string }>();
  registry
    .add(runSchema, { id: "Task" })
    .add(artifactSchema, { id: "Artifact" })
    .add(notesSchema, { id: "Notes" })
    .add(problemSchema, { id: "Problem" })
    .add(invalidInputSchema, { id: "InvalidInput" });
  const { schemas } = z.toJSONSchema(registry, { uri: (id) => `#/components/schemas/${id}` });
  return Object.fromEntries(Object.entries(schemas).map(([name, { $schema, $id, ...schema }]) => [name, schema]));
}
