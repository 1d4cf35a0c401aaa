/**
 * Runs `task` on each item, at most `concurrency` at once, and resolves to the results in the items' order. Rejects
 * with the first rejection; tasks of the other workers continue.
 */
export async function runBounded<T, R>(
  items: readonly T[],
  concurrency: number,
  task: (item: T) => Promise<R>,
): Promise<R[]> {
  const results: R[] = [];
  const entries = items.entries();
  // The workers share one iterator: each takes the next item when its previous task is done.
  const worker = async (): Promise<void> => {
    for (const [index, item] of entries) results[index] = await task(item);
  };
  await Promise.all(Array.from({ length: Math.min(concurrency, items.length) }, worker));
  return results;
}
