import type { Json } from "./json.ts";

/** How a place for a result stands in a template. No plain input can look like it by chance: the name is reserved. */
const PLACE = "$errand.result";

/** Which result: of the sibling just before, or of the one at a position; and the way into it. */
export interface Place {
  readonly of: "previous" | number;
  readonly path: readonly (string | number)[];
}

/** A template as it is kept with its run. */
export interface KeptTemplate {
  /** The container whose children's results it is made of: the nearest one in which anything comes before the run. */
  readonly from: string;
  /** Only of the children before this position; the previous one is just before it. */
  readonly before: number;
  readonly input: Json;
}

const places = new WeakMap<object, Place>();

/**
 * The input of a step as a function of the results before it. The function is called once, when the run is begun and the results are not
 * there yet, with stand-ins: it may pass them on, or parts of them by name and index, but not compute with them; that is the task's work.
 *
 * @throws TypeError when it tries
 */
export function templateOf<Previous>(make: (previous: Previous, results: readonly unknown[]) => unknown): unknown {
  const results = new Proxy([], {
    get(_, name) {
      const position = typeof name === "string" ? Number(name) : Number.NaN;
      if (Number.isInteger(position) && position >= 0) return standIn({ of: position, path: [] });
      throw new TypeError(`An earlier result is named by its position, such as results[0], not by ${String(name)}.`);
    },
  });
  return make(standIn({ of: "previous", path: [] }) as Previous, results);
}

/** The template as JSON: each stand-in becomes a place. Anything else is left as it is. @throws TypeError for what only looks like a place, and for a cycle */
export function withPlaces(value: unknown, above: readonly unknown[] = []): unknown {
  if (typeof value === "function" || (typeof value === "object" && value !== null)) {
    const place = places.get(value);
    if (place) return { [PLACE]: { of: place.of, path: place.path } };
    if (above.includes(value)) throw new TypeError("An input must not have a cycle.");
    const within = [...above, value];
    if (Array.isArray(value)) return value.map((part) => withPlaces(part, within));
    if (typeof value === "object" && Object.getPrototypeOf(value) === Object.prototype) {
      if (Object.hasOwn(value, PLACE)) throw new TypeError(`An input must not have a property named ${PLACE}: it stands for a result.`);
      return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, withPlaces(part, within)]));
    }
  }
  return value;
}

/** The input that a template stands for. `resultOf` gives a sibling's result; a part that is not there is null. */
export function fillTemplate(template: Json, resultOf: (of: Place["of"]) => Json): Json {
  if (typeof template !== "object" || template === null) return template;
  if (Array.isArray(template)) return template.map((part) => fillTemplate(part, resultOf));
  const place = (template as Record<string, unknown>)[PLACE] as Place | undefined;
  if (place) return follow(resultOf(place.of), place.path);
  return Object.fromEntries(Object.entries(template).map(([name, part]) => [name, fillTemplate(part as Json, resultOf)]));
}

function standIn(place: Place): object {
  const refuse = (what: string): never => {
    throw new TypeError(`A result that is not there yet cannot be ${what}: pass it on, or a part of it, and let the task do the rest.`);
  };
  const stand: object = new Proxy(() => undefined, {
    get(_, name) {
      if (name === Symbol.toPrimitive || name === Symbol.iterator || name === "toString" || name === "valueOf" || name === "toJSON") {
        return () => refuse(name === Symbol.iterator ? "looped over" : "computed with");
      }
      if (typeof name === "symbol" || name === "then") return undefined;
      return standIn({ ...place, path: [...place.path, /^(0|[1-9]\d{0,8})$/.test(name) ? Number(name) : name] });
    },
    apply: () => refuse("called"),
    ownKeys: () => refuse("spread"),
    has: () => refuse("looked into"),
    set: () => refuse("changed"),
  });
  places.set(stand, place);
  return stand;
}

function follow(value: Json, path: Place["path"]): Json {
  let part: unknown = value;
  for (const name of path) {
    if (typeof part !== "object" || part === null || !Object.hasOwn(part, name)) return null;
    part = (part as Record<string | number, unknown>)[name];
  }
  return (part ?? null) as Json;
}
