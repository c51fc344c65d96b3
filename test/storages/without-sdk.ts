// An app that names an S3 storage and has not installed what that needs; it prints the error that its first use ends with.
import { registerHooks } from "node:module";

registerHooks({
  resolve(specifier, context, next) {
    if (specifier.startsWith("@aws-sdk/")) throw Object.assign(new Error(`Cannot find package '${specifier}'`), { code: "ERR_MODULE_NOT_FOUND" });
    return next(specifier, context);
  },
});

const { createErrand } = await import("../../src/index.ts");
const errand = createErrand({ database: ":memory:", storage: "s3://bucket" });
await errand.start().catch((error: Error & { code: string }) => process.stdout.write(`${error.code}: ${error.message}\n`));
await errand.close();
