/**
 * Depth of nesting up to which members are put in order. Deeper ones keep theirs, so that the recursion is bounded: the
 * same data in another order is then another request.
 */
export const ORDERED_DEPTH = 64;

/** Returns JSON text with the members of every object in the order of their names, whatever order they came in. */
export const canonicalJson = (json: string): string =>
  json.includes('{') ? JSON.stringify(ordered(JSON.parse(json), 0)) : json;

function ordered(value: unknown, depth: number): unknown {
  if (typeof value !== 'object' || value === null || depth >= ORDERED_DEPTH) return value;
  if (Array.isArray(value)) return value.map((each) => ordered(each, depth + 1));
  const members = Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1));
  return Object.fromEntries(members.map(([name, each]) => [name, ordered(each, depth + 1)]));
}
