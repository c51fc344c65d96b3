const realDate = globalThis.Date;

/** By how much this process's clock is wrong, ms. */
const off = Number(process.env.CHAOS_CLOCK_OFF ?? 0);

/** Makes `Date` wrong; what measures spans (`performance`, timers) goes on as before, as when a machine's clock was set wrongly. */
export function setWrong(): void {
  globalThis.Date = new Proxy(realDate, {
    construct: (target, args, newTarget) => Reflect.construct(target, args.length === 0 ? [wrongNow()] : args, newTarget) as object,
    apply: () => new realDate(wrongNow()).toString(),
    get: (target, name, receiver) => (name === "now" ? wrongNow : Reflect.get(target, name, receiver)),
  });
}

export function isWrong(): boolean {
  return off !== 0;
}

export function rightNow(): number {
  return realDate.now();
}

function wrongNow(): number {
  return realDate.now() + off;
}
