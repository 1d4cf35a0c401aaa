import { createRequire } from 'node:module';
import type { Ajv as AjvClass } from 'ajv';
import { type RequestModels } from '../integration-model.ts';
import { withinTime } from '../integrations/within-time.ts';
import { type RouteModel, RuntimeSetupError } from '../model.ts';
import { compileSelection, parseJson } from './route-selection.ts';

/** Returns whether a message matches the model that its route selects. A route without models takes any message. */
export type MatchesModel = (route: RouteModel, body: string) => boolean;

type Check = (value: unknown) => boolean;

/**
 * Compiles the models of routes. Throws RuntimeSetupError for a schema that cannot be read. API Gateway reads JSON
 * Schema of draft 4. `warn` is told of a message that cannot be judged in time, which matches nothing.
 */
export function compileModels(routes: readonly RouteModel[], warn: (line: string) => void): MatchesModel {
  const compiled = new Map(
    routes.flatMap(({ routeKey, requestModels }) =>
      requestModels === undefined ? [] : [[routeKey, compileRoute(requestModels, routeKey)]],
    ),
  );
  return ({ routeKey }, body) => {
    const models = compiled.get(routeKey);
    if (models === undefined) return true;
    const check = models.checks.get(models.select(body) ?? '') ?? models.checks.get('$default');
    if (check === undefined) return true;
    const parsed = parseJson(body);
    return (
      parsed !== undefined &&
      matches(
        () => check(parsed.value),
        (reason) => warn(`the model of ${routeKey}: ${reason}`),
      )
    );
  };
}

function compileRoute(models: RequestModels, routeKey: string) {
  return { select: compileSelection(models.selection), checks: compile(models, routeKey) };
}

function compile({ schemas }: RequestModels, routeKey: string): ReadonlyMap<string, Check> {
  // Loaded for models alone, which few applications have.
  const { Ajv }: { Ajv: typeof AjvClass } = createRequire(import.meta.url)('ajv');
  const ajv = new Ajv({ strict: false, validateSchema: false, validateFormats: false, ownProperties: true });
  const entries = Object.entries(schemas).map(([key, schema]) => {
    try {
      // Draft 4 names a schema by `id`, which later drafts call `$id`. Nothing refers to it here.
      const { $schema: _draft, id: _id, ...own }: { readonly [name: string]: unknown } = Object(schema);
      return [key, ajv.compile(own)] as const;
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new RuntimeSetupError(`the model ${key} of the route ${routeKey} cannot be read: ${reason}`, { cause });
    }
  });
  return new Map(entries);
}

function matches(check: () => boolean, fail: (reason: string) => void): boolean {
  try {
    return withinTime(check);
  } catch (error) {
    fail(error instanceof Error ? error.message : String(error));
    return false;
  }
}
