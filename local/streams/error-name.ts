/**
 * The name of what was thrown, its `code` first where it has one (`ECONNREFUSED`). By shape and not by `instanceof`:
 * an error may come from another realm.
 */
export function errorNameOf(error: unknown): string {
  if (typeof error !== 'object' || error === null) return String(error);
  if ('code' in error && typeof error.code === 'string') return error.code;
  return 'name' in error && typeof error.name === 'string' ? error.name : 'unknown error';
}
