import { RuntimeSetupError, type RouteModel } from '../model.ts';

/** Returns the key that a message selects; undefined if the message is not JSON, so that only `$default` is left. */
export type KeySelector = (body: string) => string | undefined;

const DEFAULT_ROUTE_KEY = '$default';

/** A variable (`${request.body.a}` or `$request.body.a`), an escaped `$`, or any other `$`. */
const TOKEN = /\$\{request\.body\.([^}]+)\}|\$request\.body\.([\w-]+(?:\.[\w-]+|\[\d+\])*)|\\(\$)|(\$)/g;

const PATH_STEP = /[^.[\]]+/g;

type Part = { readonly text: string } | { readonly path: readonly string[] };

/**
 * Compiles a selection expression, which selects a route, a model or a template. Throws RuntimeSetupError for an
 * unsupported one.
 */
export function compileSelection(expression: string): KeySelector {
  const parts = parseExpression(expression);
  if (!parts.some((part) => 'path' in part)) {
    const text = render(parts, undefined);
    return () => text;
  }
  return (body) => {
    const json = parseJson(body);
    return json === undefined ? undefined : render(parts, json.value);
  };
}

const selectors = new Map<string, KeySelector>();

/**
 * Returns the selector of an expression of an integration, compiled when it is first needed. There are as many as the
 * template has expressions.
 */
export function selectorOf(expression: string): KeySelector {
  const selector = selectors.get(expression) ?? compileSelection(expression);
  selectors.set(expression, selector);
  return selector;
}

/** Returns a function that finds a message's route: an exact match, otherwise `$default`, otherwise none. */
export function createRouteFinder(routes: readonly RouteModel[]): (key: string | undefined) => RouteModel | undefined {
  const byKey = new Map(routes.map((route) => [route.routeKey, route]));
  const fallback = byKey.get(DEFAULT_ROUTE_KEY);
  // A client's frame must not reach `$connect` or `$disconnect` by naming them.
  return (key) => (key === undefined || key.startsWith('$') ? fallback : (byKey.get(key) ?? fallback));
}

function parseExpression(expression: string): Part[] {
  const parts: Part[] = [];
  let end = 0;
  for (const match of expression.matchAll(TOKEN)) {
    const [token, braced, bare, escaped] = match;
    parts.push({ text: expression.slice(end, match.index) });
    const path = braced ?? bare;
    if (path !== undefined) parts.push({ path: path.match(PATH_STEP) ?? [] });
    else if (escaped !== undefined) parts.push({ text: escaped });
    else throw new RuntimeSetupError(`Selection expression not supported: ${expression} ($request.body.… only)`);
    end = match.index + token.length;
  }
  parts.push({ text: expression.slice(end) });
  return parts;
}

/**
 * Parses strict JSON. API Gateway's own parser is lenient (it also routes `{action: "x"}`, unquoted), and clients
 * should not learn to depend on that.
 */
export function parseJson(body: string): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(body) };
  } catch {
    return undefined;
  }
}

function render(parts: readonly Part[], json: unknown): string {
  return parts.map((part) => ('text' in part ? part.text : stringify(valueAt(json, part.path)))).join('');
}

function valueAt(json: unknown, path: readonly string[]): unknown {
  let value: unknown = json;
  for (const step of path) {
    // Own properties only: a path must not reach a prototype.
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) return undefined;
    value = Reflect.get(value, step);
  }
  return value;
}

function stringify(value: unknown): string {
  if (value === undefined || value === null) return '';
  if (typeof value === 'string') return value;
  try {
    return JSON.stringify(value);
  } catch {
    // Nested too deeply for JSON.stringify: no route has such a key.
    return '';
  }
}
