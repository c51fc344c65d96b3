import type { Line } from "./measure.ts";

export interface Suite {
  readonly name: string;
  /** What its measurements need is made and removed by each of them. */
  readonly measurements: readonly Measurement[];
}

export interface Measurement {
  readonly name: string;
  measure(): Promise<readonly Line[]>;
}
