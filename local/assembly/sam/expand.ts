import type { Json } from '../../model.ts';
import {
  asFields,
  at,
  type Fields,
  findFields,
  getTextField,
  isList,
  type JsonObject,
  unsupported,
} from '../fields.ts';
import { attempt, type PassOver, refuseAll } from '../pass-over.ts';
import { expandFunction } from './expand-function.ts';
import { expandLayer } from './expand-layer.ts';
import { expandTable } from './expand-table.ts';
import { expandWebSocketApi } from './expand-websocket-api.ts';
import { withGlobals } from './globals.ts';
import type { ServerlessResource } from './serverless-resource.ts';

/** The name of SAM's transform. */
const SERVERLESS = 'AWS::Serverless-2016-10-31';

const PREFIX = 'AWS::Serverless::';

/** Returns the CloudFormation resources of a SAM resource, by logical id. */
type Expand = (resource: ServerlessResource) => Readonly<Record<string, JsonObject>>;

/** The resources and events that do not run, by their logical ids, and what happens to those that are not supported. */
export interface ExpandOptions {
  readonly without: readonly string[];
  readonly passOver: PassOver;
}

const EXPANSIONS: Readonly<Record<string, Expand>> = {
  Function: expandFunction,
  LayerVersion: expandLayer,
  SimpleTable: expandTable,
  WebSocketApi: expandWebSocketApi,
};

/**
 * Expands SAM's resources as the transform does on deployment. Returns any other template as it is. Throws
 * RuntimeSetupError for other macros, and for what the runtime does not support.
 */
export function expandServerless(
  template: Fields,
  options: ExpandOptions = { without: [], passOver: refuseAll },
): Fields {
  const transform = template.values['Transform'];
  if (transform === undefined) return template;
  const names = isList(transform) ? transform : [transform];
  const other = names.find((name) => name !== SERVERLESS);
  if (other !== undefined)
    throw unsupported(`${template.path}Transform`, `the macro ${JSON.stringify(other)} is not supported`);
  const globals = findFields({ ...template, path: `${template.path}Template` }, 'Globals');
  const resources = Object.entries(asFields(template.values['Resources'] ?? {}, `${template.path}Resources`).values);
  const expanded = resources.flatMap(([logicalId, resource]) =>
    expandResource(logicalId, asFields(resource, `${template.path}Resources.${logicalId}`), { ...options, globals }),
  );
  return { ...template, values: { ...template.values, Resources: Object.fromEntries(expanded) } };
}

function expandResource(
  logicalId: string,
  resource: Fields,
  { globals, without, passOver }: ExpandOptions & { readonly globals: Fields | undefined },
): readonly (readonly [string, Json])[] {
  const type = getTextField(resource, 'Type');
  if (!type.startsWith(PREFIX) || without.includes(logicalId)) return [[logicalId, resource.values]];
  const kind = type.slice(PREFIX.length);
  const expand = EXPANSIONS[kind];
  // Refused or passed over with the other types that are not known.
  if (expand === undefined) return [[logicalId, resource.values]];
  const { Type: _type, Properties = {}, DependsOn: _dependsOn, ...shared } = resource.values;
  const own = asFields(Properties, at(resource, 'Properties'));
  const properties = { ...own, values: withGlobals(own.values, globals?.values[kind]) };
  const expanded = attempt(() => expand({ logicalId, properties, shared, without, passOver }), passOver);
  return Object.entries(expanded ?? {});
}
