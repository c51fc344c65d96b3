import { PrismaPg } from "@prisma/adapter-pg";
import { getPrismaClient, type Types } from "@prisma/client/runtime/client";

/**
 * Prisma's own client for a schema without models: what `prisma generate` writes (7.10, provider "prisma-client") is this call, and types of the
 * models besides. The command line of Prisma is no dependency here, since it downloads a program when it is installed; the client is all WebAssembly.
 */
const Generated = getPrismaClient({
  previewFeatures: [],
  clientVersion: "7.10.0",
  engineVersion: "0edf323efd1d98336f3f0a68684b56f689b900d3",
  activeProvider: "postgresql",
  inlineSchema: 'datasource db {\n  provider = "postgresql"\n}\n',
  runtimeDataModel: { models: {}, enums: {}, types: {} },
  parameterizationSchema: { strings: [], graph: "AAAA" },
  compilerWasm: {
    getRuntime: () => import("@prisma/client/runtime/query_compiler_fast_bg.postgresql.mjs"),
    getQueryCompilerWasmModule: async () => {
      const { wasm } = await import("@prisma/client/runtime/query_compiler_fast_bg.postgresql.wasm-base64.mjs");
      return new WebAssembly.Module(Buffer.from(wasm, "base64"));
    },
    importName: "./query_compiler_fast_bg.js",
  },
});

/** As `prisma generate` declares them. */
export interface PrismaTransactionClient {
  $executeRawUnsafe(query: string, ...values: unknown[]): Types.Public.PrismaPromise<number>;
  $queryRawUnsafe<T = unknown>(query: string, ...values: unknown[]): Types.Public.PrismaPromise<T>;
}

interface PrismaClient extends PrismaTransactionClient {
  $transaction<R>(work: (transaction: PrismaTransactionClient) => Promise<R>): Promise<R>;
  $disconnect(): Promise<void>;
}

export function prismaClient(url: string): PrismaClient {
  return new Generated({ adapter: new PrismaPg({ connectionString: url }) }) as PrismaClient;
}
