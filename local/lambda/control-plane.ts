import type { FunctionModel } from '../model.ts';
import type { MappingControl } from '../switched-mapping.ts';
import { arnStartOf, type FindFunction } from './function-finder.ts';
import { createFunctionOperations } from './function-operations.ts';
import type { LambdaOperation } from './lambda-operation.ts';
import { createMappingOperations } from './mapping-operations.ts';

/** The options of the operations beside `Invoke`. */
export interface ControlPlaneOptions {
  readonly functions: readonly FunctionModel[];
  readonly find: FindFunction;
  readonly mappings: () => readonly MappingControl[];
  readonly startedAtMs: number;
}

/** The part of a request that names an operation. */
interface Target {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
}

/** Returns the operation that a request names; undefined for one that is not here. */
export type FindOperation = (target: Target) => LambdaOperation | undefined;

interface Route {
  readonly method: string;
  readonly path: RegExp;
  readonly operation: (name: string, query: URLSearchParams) => LambdaOperation;
}

/** Creates the lookup of the operations that tell of functions and event source mappings, and change the latter. */
export function createControlPlane(options: ControlPlaneOptions): FindOperation {
  const functions = createFunctionOperations(options);
  const mappings = createMappingOperations({
    ...options,
    arnStart: arnStartOf(options.functions, 'event-source-mapping'),
  });
  const routes: readonly Route[] = [
    { method: 'GET', path: /^functions\/?$/, operation: (_, query) => functions.list(query) },
    { method: 'GET', path: /^functions\/([^/]+)$/, operation: functions.get },
    { method: 'GET', path: /^functions\/([^/]+)\/configuration$/, operation: functions.getConfiguration },
    { method: 'GET', path: /^event-source-mappings\/?$/, operation: (_, query) => mappings.list(query) },
    { method: 'GET', path: /^event-source-mappings\/([^/]+)$/, operation: mappings.get },
    { method: 'PUT', path: /^event-source-mappings\/([^/]+)$/, operation: mappings.update },
  ];
  return ({ method, path, query }) => {
    if (!path.startsWith(API)) return undefined;
    const rest = path.slice(API.length);
    const route = routes.find((one) => one.method === method && one.path.test(rest));
    return route?.operation(route.path.exec(rest)?.[1] ?? '', query);
  };
}

/** The version of the API, with which its paths begin. */
const API = '/2015-03-31/';
