// Prisma publishes these without types, for its generated code, which is not checked.
declare module "@prisma/client/runtime/query_compiler_fast_bg.postgresql.mjs";
declare module "@prisma/client/runtime/query_compiler_fast_bg.postgresql.wasm-base64.mjs" {
  export const wasm: string;
}
declare const WebAssembly: { readonly Module: new (bytes: Uint8Array) => object };
