import type { Key, KeyClaim, KeyHolding } from "../../core/keys.ts";

/** The claim on a key as it stands: what its next run takes over from the one before. */
export function claimOf(key: Key, holding: KeyHolding | null, keep: boolean): KeyClaim {
  return { ...key, keep, seen: holding?.runId ?? null, good: holding?.good?.id ?? null, failures: failuresBefore(holding) };
}

function failuresBefore(holding: KeyHolding | null): number {
  if (holding === null || holding.run?.state === "succeeded") return 0;
  return holding.failures + (holding.run?.state === "failed" ? 1 : 0);
}

/** Whose key it is. The prefixes keep an owner from choosing an id that looks like "shared". */
export function scopeOf({ scope = "owner", owner = null }: { scope?: "owner" | "shared"; owner?: string | null }): string {
  if (scope === "shared") return "shared";
  return owner === null ? "nobody" : `owner:${owner}`;
}
