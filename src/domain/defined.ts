type Undefinable<T> = { [K in keyof T]: undefined extends T[K] ? K : never }[keyof T];

/** The same keys, but those that may be `undefined` may be absent instead. */
export type Defined<T> = { [K in Exclude<keyof T, Undefinable<T>>]: T[K] } & {
  [K in Undefinable<T>]?: Exclude<T[K], undefined>;
};

/**
 * Copies an object without the keys whose value is `undefined`, in the order of the given ones. JSON and
 * `exactOptionalPropertyTypes` both tell a key that is absent from one that is `undefined`.
 */
export function defined<T extends object>(given: T): Defined<T> {
  const kept = Object.entries(given).filter(([, value]) => value !== undefined);
  return Object.fromEntries(kept) as Defined<T>;
}
