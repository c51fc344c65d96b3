import type { NextConfig } from "next";

export default {
  // Errand starts a thread and opens node:sqlite: it runs as it is installed, not from a bundle.
  serverExternalPackages: ["errand"],
  // Errand's addresses end in a slash; Next would send everybody on to those without.
  skipTrailingSlashRedirect: true,
} satisfies NextConfig;
