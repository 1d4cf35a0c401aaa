/** The number of names that are suggested. */
const SUGGESTED = 3;
/** The number of names that are compared; of more, the first ones. */
const COMPARED = 10_000;
/** The share of a name's characters that may differ. */
const DIFFERING = 0.25;
/** The number of characters that may differ in a short name. */
const DIFFERING_LEAST = 2;

/** Returns the names that a misspelt one may mean, the nearest first: a few characters differ. */
export function nearNames(name: string, names: readonly string[]): string[] {
  const most = Math.max(DIFFERING_LEAST, Math.floor(name.length * DIFFERING));
  return names
    .slice(0, COMPARED)
    .filter((each) => Math.abs(each.length - name.length) <= most)
    .map((each) => ({ each, edits: editsBetween(name.toLowerCase(), each.toLowerCase()) }))
    .filter(({ edits }) => edits <= most && edits < name.length)
    .toSorted((a, b) => a.edits - b.edits)
    .slice(0, SUGGESTED)
    .map(({ each }) => each);
}

/** Counts the characters to insert, delete or replace between two texts (Levenshtein's distance). */
function editsBetween(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (const [index, character] of Array.from(from).entries()) {
    const next = [index + 1];
    for (let column = 1; column <= to.length; column++) {
      const replaced = (row[column - 1] ?? 0) + (to[column - 1] === character ? 0 : 1);
      next.push(Math.min(replaced, (row[column] ?? 0) + 1, (next[column - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[to.length] ?? 0;
}

/** Returns the sentences about a topic that nobody has published to, with the topics that may be meant. */
export function describeUnknownTopic(topic: string, known: readonly string[]): string {
  const near = nearNames(topic, known);
  const guess = near.length === 0 ? '' : ` Did you mean ${near.join(' or ')}?`;
  return `Nobody has published to ${topic}.${guess}`;
}
