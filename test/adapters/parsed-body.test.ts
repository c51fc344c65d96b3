import { expect, test } from "vitest";
import { encodeBody } from "../../src/adapters/parsed-body.ts";
import { textParams } from "../../src/adapters/text-params.ts";

test("a parsed body becomes what it was parsed from", () => {
  const form = "application/x-www-form-urlencoded";
  expect(encodeBody({ a: "1", list: ["x", "y"], deep: { b: { c: "2" } }, none: null }, form)).toBe("a=1&list=x&list=y&deep%5Bb%5D%5Bc%5D=2&none=");
  expect(encodeBody({ a: [1, { b: null }] }, "application/json")).toBe('{"a":[1,{"b":null}]}');
  expect(encodeBody("text", "text/plain")).toBe("text");
  expect(encodeBody(Buffer.from("bytes"), "application/octet-stream")).toEqual(Uint8Array.from(Buffer.from("bytes")));
});

test("parameters are texts", () => {
  expect(textParams({ code: "A B", path: ["a", "b"], none: undefined })).toEqual({ code: "A B", path: "a/b" });
  expect(textParams(undefined)).toEqual({});
});
