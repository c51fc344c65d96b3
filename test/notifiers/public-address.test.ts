import fc from "fast-check";
import { expect, test } from "vitest";
import { isLoopback, isPublicAddress } from "../../src/notifiers/public-address.ts";

test.each([
  "8.8.8.8",
  "1.1.1.1",
  "100.63.255.255",
  "168.63.129.15",
  "172.15.0.1",
  "172.32.0.1",
  "192.167.1.1",
  "223.255.255.255",
  "2606:4700::1111",
  "2a00::1",
])("%s is public", (address) => {
  expect(isPublicAddress(address)).toBe(true);
});

test.each([
  "0.0.0.0",
  "10.1.2.3",
  "100.64.0.1",
  "127.0.0.1",
  "127.255.255.255",
  "168.63.129.16",
  "169.254.169.254",
  "172.16.0.1",
  "172.31.255.255",
  "192.0.2.1",
  "192.168.0.1",
  "198.18.0.1",
  "224.0.0.1",
  "255.255.255.255",
  "::",
  "::1",
  "::ffff:8.8.8.8",
  "64:ff9b::7f00:1",
  "fc00::1",
  "fd12::1",
  "fe80::1",
  "ff02::1",
  "2001:db8::1",
  "2002:7f00:1::",
  "not an address",
  "",
])("%s is not", (address) => {
  expect(isPublicAddress(address)).toBe(false);
});

test("nothing of this machine is public, however it is written", () => {
  const bytes = fc.integer({ min: 0, max: 255 });
  fc.assert(
    fc.property(bytes, bytes, bytes, (a, b, c) => {
      const address = `127.${a}.${b}.${c}`;
      expect([isPublicAddress(address), isPublicAddress(`::ffff:${address}`), isLoopback(address)]).toEqual([false, false, true]);
    }),
  );
});
