const KEY = /^[\w-][\w.-]*(?:\/[\w-][\w.-]*)*$/;

/** The key itself. What a storage keeps for its own purposes begins with ".", and so is nobody's key. @throws RangeError naming a key that is none */
export function storageKey(key: string): string {
  if (KEY.test(key)) return key;
  throw new RangeError(`A storage key is made of segments of letters, digits, ".", "_" and "-" that do not begin with ".", but is ${JSON.stringify(key)}.`);
}
