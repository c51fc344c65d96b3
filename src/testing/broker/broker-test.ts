import type { BrokerFeature } from "../../core/broker.ts";
import type { Crew } from "./crew.ts";

/** What the driver says of itself. It decides which tests there are. */
export interface BrokerTraits {
  readonly features: readonly BrokerFeature[];
  /** See `Broker.inline`. */
  readonly inline?: boolean;
  /** It has `withdraw`. */
  readonly withdraws?: boolean;
}

export type BrokerTest = (name: string, body: (first: Crew, another: () => Promise<Crew>) => Promise<void>) => void;
