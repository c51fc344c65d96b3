import type { KeyHolding } from "../../core/keys.ts";
import type { Run } from "../../core/run.ts";
import { isEnded } from "../../core/states.ts";
import type { Policy } from "./polling-options.ts";

/** What stands under a key. */
export type Verdict =
  /** `run` succeeded and is young enough; for so many ms more. */
  | { readonly kind: "fresh"; readonly run: Run; readonly left: number }
  /** `run` succeeded and may still be served; `begin` says that a newer one is wanted and nobody is at it. */
  | { readonly kind: "stale"; readonly run: Run; readonly begin: boolean }
  | { readonly kind: "running"; readonly run: Run }
  /** The last run failed, and in so many ms another may begin. */
  | { readonly kind: "failed"; readonly run: Run; readonly retryIn: number }
  /** Nothing that could be served, and nobody is at it. */
  | { readonly kind: "none" };

/** Judges by the store's clock. */
export function judge(holding: KeyHolding | null, policy: Policy): Verdict {
  if (holding === null) return { kind: "none" };
  const { run, now } = holding;
  const underWay = run !== null && !isEnded(run.state);
  if (!holding.keep) return underWay ? { kind: "running", run } : { kind: "none" };
  const { good } = holding;
  const age = good === null ? Number.POSITIVE_INFINITY : now - (good.ended as number);
  if (good !== null && age < policy.maxAge) return { kind: "fresh", run: good, left: policy.maxAge - age };
  const wait = run?.state === "failed" ? (run.ended as number) + policy.backoff(holding.failures + 1) - now : 0;
  if (good !== null && age < policy.maxAge + policy.staleWhileRevalidate) return { kind: "stale", run: good, begin: !underWay && wait <= 0 };
  if (underWay) return { kind: "running", run };
  return run !== null && wait > 0 ? { kind: "failed", run, retryIn: wait } : { kind: "none" };
}
