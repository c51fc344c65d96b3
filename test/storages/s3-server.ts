import { beforeAll } from "vitest";
import type { S3Options } from "../../src/storages/s3.ts";
import { type NodeProcess, startProcess } from "../support/process.ts";
import { tempDir } from "../support/temp.ts";

export type S3Place = Required<Pick<S3Options, "bucket" | "prefix" | "endpoint" | "credentials">>;

/** Starts a server that speaks as Amazon S3 does, for one test file. `place` names an empty part of its bucket. */
export function startS3(): { place(): S3Place; readonly server: NodeProcess } {
  let server: NodeProcess | undefined;
  let endpoint = "";
  let places = 0;
  beforeAll(async () => {
    // It makes the tokens of its long lists with a cipher that OpenSSL keeps for old programs only.
    const env = { NODE_OPTIONS: "--openssl-legacy-provider" };
    server = startProcess(new URL("./s3-process.ts", import.meta.url), { args: [tempDir()], env });
    endpoint = `http://127.0.0.1:${(await server.line(/^listening on/)).split(" ").at(-1)}`;
  });
  return {
    place: () => ({ bucket: "errand", prefix: `place-${(places += 1)}`, endpoint, credentials: { accessKeyId: "S3RVER", secretAccessKey: "S3RVER" } }),
    get server() {
      return server as NodeProcess;
    },
  };
}
