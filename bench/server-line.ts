import { answerTimes, type Target } from "./http-client.ts";
import { interleave, type Line, median, rateLine, tell } from "./measure.ts";
import type { Process } from "./processes.ts";
import type { Usage } from "./serve.ts";

/** An address of a server that is a process of its own. */
export interface Served {
  /** In a sentence: "the web process". */
  readonly what: string;
  readonly server: Process;
  readonly target: Target;
}

const LOAD = { connections: 16, duration: 700 };

/** How many GETs are answered a second, all connections of the client asking again and again: ours against the reference, by turns. */
export async function serverLine(name: string, unit: string, ours: Served, reference: Served): Promise<Line> {
  const [our, their] = [new Load(ours), new Load(reference)];
  const pairs = await interleave(
    () => our.rate(),
    () => their.rate(),
  );
  tell(`${name}: ${our.summary}; ${their.summary}: ratio of processor time ${(their.cost / our.cost).toFixed(2)}`);
  return rateLine(name, unit, pairs);
}

class Load {
  readonly #served: Served;
  readonly #busy: number[] = [];
  readonly #costs: number[] = [];

  constructor(served: Served) {
    this.#served = served;
  }

  /** Answers a second, over one short round. */
  async rate(): Promise<number> {
    const { server, target } = this.#served;
    await server.ask<Usage>("usage");
    const begun = performance.now();
    const answers = (await answerTimes(target, LOAD)).length;
    const took = performance.now() - begun;
    const { busy, cpu } = await server.ask<Usage>("usage");
    this.#busy.push(busy);
    this.#costs.push((cpu * 1000) / answers);
    return (answers * 1000) / took;
  }

  /** Processor time an answer, µs: it says more than the rate while others use the machine. */
  get cost(): number {
    return median(this.#costs);
  }

  /** When a server was not busy, its client held it back. */
  get summary(): string {
    return `${this.#served.what} was ${Math.round(median(this.#busy) * 100)} % busy, ${this.cost.toFixed(1)} µs an answer`;
  }
}
