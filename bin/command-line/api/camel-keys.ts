/** The API's documents with the names that the rest of this service uses: `created_at` becomes `createdAt`. Pure. */
export const camelKeys = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(camelKeys);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [camel(name), OTHERS_NAMES.has(name) ? inner : camelKeys(inner)]),
  );
};

/** Whose names are those that people gave. */
const OTHERS_NAMES = new Set(["metadata", "tags"]);

const camel = (name: string): string => name.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
