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
import { expandFunction } from './expand-function.ts';
import { expandTable } from './expand-table.ts';
import { withGlobals } from './globals.ts';
import type { ServerlessResource } from './serverless-resource.ts';

/** The name of SAM's transform. */
const SERVERLESS = 'AWS::Serverless-2016-10-31';

const PREFIX = 'AWS::Serverless::';

/** Returns the CloudFormation resources of a SAM resource, by logical id. */
type Expand = (resource: ServerlessResource) => Readonly<Record<string, JsonObject>>;

const EXPANSIONS: Readonly<Record<string, Expand>> = { Function: expandFunction, SimpleTable: expandTable };

/**
 * Expands SAM's resources as the transform does on deployment. Returns any other template as it is. Throws
 * RuntimeSetupError for other macros, and for what the runtime does not support.
 */
export function expandServerless(template: Fields): Fields {
  const transform = template.values['Transform'];
  if (transform === undefined) return template;
  const names = isList(transform) ? transform : [transform];
  const other = names.find((name) => name !== SERVERLESS);
  if (other !== undefined)
    throw unsupported(`${template.path}Transform`, `the macro ${JSON.stringify(other)} is not supported`);
  const globals = findFields({ ...template, path: `${template.path}Template` }, 'Globals');
  const resources = Object.entries(asFields(template.values['Resources'] ?? {}, `${template.path}Resources`).values);
  const expanded = resources.flatMap(([logicalId, resource]) =>
    expandResource(logicalId, asFields(resource, `${template.path}Resources.${logicalId}`), globals),
  );
  return { ...template, values: { ...template.values, Resources: Object.fromEntries(expanded) } };
}

function expandResource(
  logicalId: string,
  resource: Fields,
  globals: Fields | undefined,
): readonly (readonly [string, Json])[] {
  const type = getTextField(resource, 'Type');
  if (!type.startsWith(PREFIX)) return [[logicalId, resource.values]];
  const kind = type.slice(PREFIX.length);
  const expand = EXPANSIONS[kind];
  if (expand === undefined) throw unsupported(resource.path, `the resource type ${type} is not supported`);
  const { Type: _type, Properties = {}, DependsOn: _dependsOn, ...shared } = resource.values;
  const own = asFields(Properties, at(resource, 'Properties'));
  const properties = { ...own, values: withGlobals(own.values, globals?.values[kind]) };
  return Object.entries(expand({ logicalId, properties, shared }));
}
