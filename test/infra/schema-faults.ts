import type { PropertyType, ResourceProperties, SpecDatabase } from '@aws-cdk/service-spec-types';
import type { CloudFormation } from './synthesized-stack.ts';

type Fields = Readonly<Record<string, unknown>>;

/** The start of the types of resources that a function of the stack makes: no service has a schema of them. */
const CUSTOM = 'Custom::';

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Whether a value is an intrinsic function, whose result is known when CloudFormation deploys. */
const isIntrinsic = (value: unknown): boolean =>
  isFields(value) && Object.keys(value).length === 1 && /^(Ref|Fn::.+)$/.test(Object.keys(value)[0] ?? '');

/**
 * Returns what the services' own schemas say against a template, each with its path: types of resources and properties
 * that do not exist, required properties that are missing, values of another shape, and attributes that no resource
 * has.
 */
export function schemaFaults({ Resources }: CloudFormation, schemas: SpecDatabase): string[] {
  return Object.entries(Resources).flatMap(([logicalId, { Type, Properties }]) => {
    if (Type.startsWith(CUSTOM)) return [];
    // A resource that has none is written without them.
    const properties = isFields(Properties) ? Properties : {};
    const [schema] = schemas.lookup('resource', 'cloudFormationType', 'equals', Type);
    if (schema === undefined) return [`${logicalId}: there is no ${Type}`];
    const attributes = attributesIn(properties).flatMap(([id, name]) => {
      const type = Resources[id]?.Type ?? '';
      if (type.startsWith(CUSTOM)) return [];
      const [found] = schemas.lookup('resource', 'cloudFormationType', 'equals', type);
      return found !== undefined && name in found.attributes ? [] : [`${logicalId}: ${id} (${type}) has no ${name}`];
    });
    return [...propertyFaults(properties, schema.properties, { schemas, path: logicalId }), ...attributes];
  });
}

interface Place {
  readonly schemas: SpecDatabase;
  readonly path: string;
}

function propertyFaults(value: Fields, properties: ResourceProperties, { schemas, path }: Place): string[] {
  const missing = Object.entries(properties)
    .filter(([name, { required }]) => required === true && value[name] === undefined)
    .map(([name]) => `${path}: ${name} is missing`);
  const faults = Object.entries(value).flatMap(([name, part]) => {
    const property = properties[name];
    if (property === undefined) return [`${path}: there is no ${name}`];
    return valueFaults(part, property.type, { schemas, path: `${path}.${name}` });
  });
  return [...missing, ...faults];
}

function valueFaults(value: unknown, type: PropertyType, place: Place): string[] {
  if (isIntrinsic(value)) return [];
  switch (type.type) {
    case 'ref':
      if (!isFields(value)) return [`${place.path} is no object`];
      return propertyFaults(value, place.schemas.get('typeDefinition', type.reference.$ref).properties, place);
    case 'array':
      if (!Array.isArray(value)) return [`${place.path} is no list`];
      return value.flatMap((each, index) => valueFaults(each, type.element, at(place, index)));
    case 'map':
      if (!isFields(value)) return [`${place.path} is no map`];
      return Object.entries(value).flatMap(([name, each]) => valueFaults(each, type.element, at(place, name)));
    case 'union':
      return type.types.some((each) => valueFaults(value, each, place).length === 0)
        ? []
        : [`${place.path} fits none of its types`];
    default:
      return isFields(value) && type.type !== 'json' && type.type !== 'tag' ? [`${place.path} is an object`] : [];
  }
}

const at = (place: Place, name: string | number): Place => ({ ...place, path: `${place.path}.${name}` });

/** Returns the attributes that a value asks other resources for: the logical id and the name of each. */
function attributesIn(value: unknown): (readonly [string, string])[] {
  if (Array.isArray(value)) return value.flatMap(attributesIn);
  if (!isFields(value)) return [];
  const asked = value['Fn::GetAtt'];
  if (Array.isArray(asked)) return [[String(asked[0]), String(asked[1])]];
  return Object.values(value).flatMap(attributesIn);
}
