type Undefinable<T> = { [K in keyof T]: undefined extends T[K] ? K : never }[keyof T];

/** `T` with optional keys in place of those that may be `undefined`. */
export type Defined<T> = { [K in Exclude<keyof T, Undefinable<T>>]: T[K] } & {
  [K in Undefinable<T>]?: Exclude<T[K], undefined>;
};

/**
 * Copies an object without the keys whose value is `undefined`, and keeps their order. With
 * `exactOptionalPropertyTypes`, an optional key may be absent but not `undefined`.
 */
export function defined<T extends object>(given: T): Defined<T> {
  const kept = Object.entries(given).filter(([, value]) => value !== undefined);
  return Object.fromEntries(kept) as Defined<T>;
}
