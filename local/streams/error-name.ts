/**
 * Returns an error's `code` (such as `ECONNREFUSED`) or its name. Both are read by shape and not by `instanceof`,
 * because an error may come from another realm.
 */
export function errorNameOf(error: unknown): string {
  if (typeof error !== 'object' || error === null) return String(error);
  if ('code' in error && typeof error.code === 'string') return error.code;
  return 'name' in error && typeof error.name === 'string' ? error.name : 'unknown error';
}
