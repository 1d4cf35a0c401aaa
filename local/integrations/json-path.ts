/** A step of a path: `.name`, `['name']`, `["name"]` or `[0]`. */
const STEP = /\.([\w-]+)|\[(?:'([^']*)'|"([^"]*)"|(\d+))\]/y;

/**
 * Returns the value at a path such as `$.data.items[0]`; undefined where there is none. Throws for a path with more
 * than names and indexes.
 */
export function valueAtPath(root: unknown, path: string): unknown {
  if (!path.startsWith('$')) throw new Error(`the path ${path} does not begin with $`);
  let value = root;
  STEP.lastIndex = 1;
  while (STEP.lastIndex < path.length) {
    const from = STEP.lastIndex;
    const match = STEP.exec(path);
    if (match === null) throw new Error(`the path ${path} has a part that is not supported: ${path.slice(from)}`);
    const [, dotted, single, double, index] = match;
    value = memberOf(value, dotted ?? single ?? double ?? index ?? '');
  }
  return value;
}

/** Returns an own member: a path must not reach a prototype. */
function memberOf(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined;
  return Reflect.get(value, name);
}
