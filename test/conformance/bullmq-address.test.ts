import { expect, test } from "vitest";
import { redisAddress, shown } from "../../src/brokers/bullmq/address.ts";
import { ConfigurationError } from "../../src/core/errors.ts";

test.each([
  ["redis://localhost", { nodes: [{ host: "localhost", port: 6379 }], cluster: false, db: 0 }],
  ["redis://localhost/", { nodes: [{ host: "localhost", port: 6379 }], cluster: false, db: 0 }],
  ["redis://:p%40ss%3A@10.0.0.1:7000/3", { nodes: [{ host: "10.0.0.1", port: 7000 }], cluster: false, db: 3, password: "p@ss:" }],
  ["rediss://user:pass@[::1]:7000", { nodes: [{ host: "::1", port: 7000 }], cluster: false, db: 0, username: "user", password: "pass", tls: {} }],
  [
    "redis://a:1,b",
    {
      nodes: [
        { host: "a", port: 1 },
        { host: "b", port: 6379 },
      ],
      cluster: true,
      db: 0,
    },
  ],
  ["redis://a?cluster=true", { nodes: [{ host: "a", port: 6379 }], cluster: true, db: 0 }],
  ["redis://a/0?cluster=false", { nodes: [{ host: "a", port: 6379 }], cluster: false, db: 0 }],
])("%s is understood", (url, address) => {
  expect(redisAddress(url)).toEqual(address);
});

test.each([
  ["http://u:secret@localhost", "not understood"],
  ["redis://", "not understood"],
  ["redis://u:secret@a/x", "not understood"],
  ["redis://u:secret@a:port", "host or port"],
  ["redis://u:secret@a:70000", "host or port"],
  ["redis://u:secret@a?sentinel=1", "sentinel"],
  ["redis://u:secret@a,b?cluster=false", "several hosts"],
  ["redis://u:secret@a,b/2", "database 2"],
  ["redis://u:secret%@a", "%25"],
])("%s is refused in words, without the password", (url, words) => {
  const refused = () => redisAddress(url);
  expect(refused).toThrow(ConfigurationError);
  expect(refused).toThrow(words);
  expect(refused).not.toThrow(/secret/);
});

test("messages show where Redis is and nothing else", () => {
  expect(shown(redisAddress("redis://user:secret@a:1,b"))).toBe("a:1, b:6379");
});
