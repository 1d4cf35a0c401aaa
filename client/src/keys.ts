/**
 * Returns a function that returns a new key at each call. A random prefix of about 150 bits keeps the keys of clients
 * apart.
 */
export function createKeys(random: () => number): () => string {
  const prefix = [random(), random(), random()].map((number) => number.toString(36).slice(2, 12)).join('');
  let last = 0;
  return () => {
    last += 1;
    return `${prefix}-${last}`;
  };
}
