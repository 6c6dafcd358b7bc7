/** What is known under a key, or what `make` answers where nothing is; of more than `max` the oldest are forgotten. */
export function remembered<T>(known: Map<string, T>, max: number, key: string, make: () => T): T {
  const there = known.get(key);
  if (there !== undefined) return there;
  const made = make();
  known.set(key, made);
  for (const old of known.keys()) {
    if (known.size <= max) break;
    known.delete(old);
  }
  return made;
}
