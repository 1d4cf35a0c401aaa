import { type Json, RuntimeSetupError } from '../model.ts';
import {
  asFields,
  at,
  type Fields,
  findTextField,
  getTextField,
  isJsonObject,
  type JsonObject,
  unsupported,
} from './fields.ts';
import { identify, type Identity } from './identities.ts';
import { isTrue, resolveValue, type Scope } from './intrinsics.ts';
import { arnOf, type PseudoParameters } from './physical-names.ts';
import { IGNORED_TYPES, SUPPORTED_TYPES } from './resource-types.ts';

/** A resource with all references resolved. */
export interface Resource {
  readonly logicalId: string;
  readonly identity: Identity;
  readonly properties: Fields;
}

/** A template whose resources can be listed by type. */
export interface ResolvedTemplate {
  readonly pseudo: PseudoParameters;
  readonly ofType: (...types: readonly string[]) => readonly Resource[];
  readonly outputs: Readonly<Record<string, string>>;
}

/**
 * Resolves a template as a deployment would. Throws RuntimeSetupError for anything that the runtime does not support.
 */
export function resolveTemplate(template: Fields, pseudo: PseudoParameters): ResolvedTemplate {
  if (template.values['Transform'] !== undefined) throw unsupported('Transform', 'a template macro is not supported');
  const scope = scopeOf(template, pseudo);
  const resources = listResources(template, scope);
  for (const resource of resources) refuseUnknownType(resource);
  return {
    pseudo,
    ofType: (...types) =>
      resources
        .filter((resource) => types.includes(getTextField(resource, 'Type')))
        .map((resource) => resolveResource(resource, pseudo, scope)),
    outputs: resolveOutputs(template, scope),
  };
}

function scopeOf(template: Fields, pseudo: PseudoParameters): Scope {
  const pending = new Set<string>();
  const scope: Scope = {
    reference: (name, path) => {
      const pseudoValues = pseudoParameterValues(pseudo);
      if (Object.hasOwn(pseudoValues, name)) return pseudoValues[name];
      const parameter = parameterValue(template.values['Parameters'], name, path);
      return parameter ?? identityOf(name, path).ref;
    },
    attribute: (logicalId, attribute, path) => {
      const value = identityOf(logicalId, path).attributes[attribute];
      if (value === undefined) throw unsupported(path, `the attribute ${attribute} of ${logicalId} is not known`);
      return value;
    },
    condition: (name, path) =>
      once(`condition ${name}`, path, () => {
        const expression = section(template, 'Conditions')[name];
        if (expression === undefined) throw new RuntimeSetupError(`${path}: there is no condition ${name}`);
        return isTrue(expression, `Conditions.${name}`, scope);
      }),
    mapping: (keys, path) => findInMap(template, keys, path),
  };
  /**
   * Computes a named value once at a time. Names may refer to names, and a cycle among them must end in an error
   * message, not in a stack overflow.
   */
  const once = <T>(name: string, path: string, compute: () => T): T => {
    if (pending.has(name)) throw new RuntimeSetupError(`${path}: ${name} depends on itself`);
    pending.add(name);
    try {
      return compute();
    } finally {
      pending.delete(name);
    }
  };
  const identityOf = (logicalId: string, path: string): Identity =>
    once(logicalId, path, () => {
      const resource = section(template, 'Resources')[logicalId];
      if (resource === undefined) throw new RuntimeSetupError(`${path}: the template has no ${logicalId}`);
      const fields = asFields(resource, `Resources.${logicalId}`);
      if (!isLive(fields, scope)) throw new RuntimeSetupError(`${path}: the condition of ${logicalId} is false`);
      return identityIn(fields, pseudo, scope);
    });
  return scope;
}

function pseudoParameterValues(pseudo: PseudoParameters): Readonly<Record<string, Json | undefined>> {
  return {
    'AWS::AccountId': pseudo.accountId,
    'AWS::NoValue': undefined,
    'AWS::NotificationARNs': [],
    'AWS::Partition': pseudo.partition,
    'AWS::Region': pseudo.region,
    'AWS::StackId': arnOf(pseudo, 'cloudformation', `stack/${pseudo.stackName}/local`),
    'AWS::StackName': pseudo.stackName,
    'AWS::URLSuffix': pseudo.urlSuffix,
  };
}

/** Returns the value of a template parameter: its default, because a local run takes no parameters. */
function parameterValue(parameters: Json | undefined, name: string, path: string): Json | undefined {
  if (!isJsonObject(parameters) || !Object.hasOwn(parameters, name)) return undefined;
  const parameter = asFields(parameters[name], `Parameters.${name}`);
  const type = getTextField(parameter, 'Type');
  // The default is the name of an entry in Parameter Store, not the value.
  if (type.startsWith('AWS::SSM::Parameter'))
    throw unsupported(path, `a reference to ${name} (${type}) is not supported`);
  const value = findTextField(parameter, 'Default');
  if (value === undefined) throw new RuntimeSetupError(`${path}: the parameter ${name} has no default to run with`);
  return type === 'CommaDelimitedList' || type.startsWith('List<')
    ? value.split(',').map((part) => part.trim())
    : value;
}

function findInMap(template: Fields, keys: readonly string[], path: string): Json {
  let value: Json | undefined = section(template, 'Mappings');
  for (const key of keys) value = isJsonObject(value) ? value[key] : undefined;
  if (value === undefined || isJsonObject(value))
    throw new RuntimeSetupError(`${path}: no mapping has ${keys.join(', ')}`);
  return value;
}

function listResources(template: Fields, scope: Scope): readonly Fields[] {
  return Object.entries(section(template, 'Resources'))
    .map(([logicalId, resource]) => asFields(resource, `Resources.${logicalId}`))
    .filter((resource) => isLive(resource, scope));
}

function isLive(resource: Fields, scope: Scope): boolean {
  const condition = findTextField(resource, 'Condition');
  return condition === undefined || scope.condition(condition, at(resource, 'Condition'));
}

function refuseUnknownType(resource: Fields): void {
  const type = getTextField(resource, 'Type');
  if (SUPPORTED_TYPES.has(type) || Object.hasOwn(IGNORED_TYPES, type)) return;
  throw unsupported(logicalIdOf(resource), `the resource type ${type} is not supported`);
}

function resolveResource(resource: Fields, pseudo: PseudoParameters, scope: Scope): Resource {
  const path = at(resource, 'Properties');
  const properties = asFields(resolveValue(resource.values['Properties'] ?? {}, path, scope), path);
  return { logicalId: logicalIdOf(resource), identity: identityIn(resource, pseudo, scope), properties };
}

function identityIn(resource: Fields, pseudo: PseudoParameters, scope: Scope): Identity {
  const path = at(resource, 'Properties');
  const properties = asFields(resource.values['Properties'] ?? {}, path);
  const valueOf = (property: string): Json | undefined => {
    const value = properties.values[property];
    return value === undefined ? undefined : resolveValue(value, `${path}.${property}`, scope);
  };
  const text = (property: string): string | undefined => {
    const value = valueOf(property);
    return value === undefined ? undefined : getTextField({ path, values: { [property]: value } }, property);
  };
  const has = (property: string): boolean => valueOf(property) !== undefined;
  return identify({ logicalId: logicalIdOf(resource), type: getTextField(resource, 'Type'), text, has }, pseudo);
}

function logicalIdOf(resource: Fields): string {
  return resource.path.slice('Resources.'.length);
}

function resolveOutputs(template: Fields, scope: Scope): Readonly<Record<string, string>> {
  const outputs = Object.entries(section(template, 'Outputs')).flatMap(([name, value]) => {
    const output = asFields(value, `Outputs.${name}`);
    if (!isLive(output, scope)) return [];
    const resolved = asFields(resolveValue({ Value: output.values['Value'] ?? null }, output.path, scope), output.path);
    return [[name, getTextField(resolved, 'Value')] as const];
  });
  return Object.fromEntries(outputs);
}

function section(template: Fields, name: string): JsonObject {
  const value = template.values[name];
  return value === undefined ? {} : asFields(value, name).values;
}
