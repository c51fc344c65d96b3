import { setTimeout as rest } from "node:timers/promises";
import { type Exit, MemberProcess, type Post } from "./member-process.ts";

/** Rest before a process that could not begin is started again, ms. */
const AGAIN_MS = 800;
/** How long a process may take to begin, or to end in good order, ms: a machine that is busy starts dozens of them in minutes. */
const PATIENCE_MS = 120_000;
const LOOK_EVERY_MS = 20;

/** One post of the crew, and who holds it. */
export interface Member {
  readonly post: Post;
  process: MemberProcess;
}

/** The processes of an installation. Whoever dies is replaced. */
export class Crew {
  /** What they did that they must not do. */
  readonly faults: string[] = [];
  readonly members: Member[] = [];
  /** While it is set, a process may give up: it needs what is not there. */
  #mayGiveUp = false;
  #isOver = false;

  constructor(posts: readonly Post[]) {
    for (const post of posts) {
      const member = { post, process: new MemberProcess(post, 0) };
      this.members.push(member);
      void this.#keep(member);
    }
  }

  /** Resolves when everybody is at work; from then on, whoever gives up is at fault. */
  async allAtWork(): Promise<void> {
    const deadline = performance.now() + PATIENCE_MS;
    for (;;) {
      const idle = this.members.filter(({ process }) => !process.isWorking);
      if (idle.length === 0) break;
      if (performance.now() > deadline) {
        this.faults.push(...idle.map(({ process }) => `${process.name} did not begin`));
        break;
      }
      await rest(LOOK_EVERY_MS);
    }
    this.#mayGiveUp = false;
  }

  /** From now on until `allAtWork`, whoever cannot go on may end, and is started again. */
  expectTrouble(): void {
    this.#mayGiveUp = true;
  }

  /** Ends all in good order; whoever was killed last is replaced before, so that its successor can show that it begins and ends. */
  async end(): Promise<void> {
    await this.allAtWork();
    this.#isOver = true;
    await Promise.all(this.members.map(({ process }) => this.#end(process)));
  }

  /** Ends all at once. */
  async kill(): Promise<void> {
    this.#isOver = true;
    for (const { process } of this.members) process.signal("SIGKILL");
    await Promise.all(this.members.map(({ process }) => process.ended));
  }

  async #keep(member: Member): Promise<void> {
    for (let life = 1; ; life++) {
      const { name } = member.process;
      const exit = await member.process.ended;
      if (this.#isOver) return;
      if (exit.signal !== "SIGKILL") {
        if (!this.#mayGiveUp) this.faults.push(`${name} ended by itself with ${wordsOf(exit)}`);
        await rest(AGAIN_MS);
        if (this.#isOver) return;
      }
      member.process = new MemberProcess(member.post, life);
    }
  }

  async #end(process: MemberProcess): Promise<void> {
    const wasWorking = process.isWorking;
    process.signal("SIGTERM");
    const patience = new AbortController();
    const exit = await Promise.race([process.ended, rest(PATIENCE_MS, undefined, { signal: patience.signal }).catch(() => undefined)]);
    patience.abort();
    if (!exit) process.signal("SIGKILL");
    if (!exit || (wasWorking && exit.code !== 0)) this.faults.push(`${process.name} did not end in good order: ${exit ? wordsOf(exit) : "it did not end"}`);
  }
}

function wordsOf({ code, signal }: Exit): string {
  return signal ?? `status ${code}`;
}
