import { type Json, RuntimeSetupError } from '../model.ts';
import {
  asFields,
  at,
  type Fields,
  findFields,
  findTextField,
  getTextField,
  isJsonObject,
  section,
  unsupported,
} from './fields.ts';
import { identify, type Identity } from './identities.ts';
import { parameterValue } from './parameters.ts';
import { expandServerless } from './sam/expand.ts';
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
  /** Returns the outputs by name. */
  readonly outputs: () => Readonly<Record<string, string>>;
}

/** Returns the value that another stack exports under a name; undefined if none does. */
type ImportValue = (exportName: string, path: string) => Json | undefined;

/** The options for resolving a template. */
export interface ResolveOptions {
  readonly importValue?: ImportValue;
  /** The values of parameters. Default: those of the template. */
  readonly parameters?: ReadonlyMap<string, string>;
  /** The logical ids of resources that do not run. Others may still refer to them. */
  readonly without?: readonly string[];
}

/** The exports of a template by name. The value of each is resolved when it is imported. */
export interface ExportingTemplate extends ResolvedTemplate {
  readonly exports: () => ReadonlyMap<string, (path: string) => Json>;
}

/**
 * Resolves a template as a deployment would. `template.path` begins every path in an error; with a file's name it ends
 * in `: `. Throws RuntimeSetupError for anything that the runtime does not support.
 */
export function resolveTemplate(
  given: Fields,
  pseudo: PseudoParameters,
  { importValue = () => undefined, parameters = new Map(), without = [] }: ResolveOptions = {},
): ExportingTemplate {
  const template = expandServerless(given);
  const scope = scopeOf({ template, pseudo, importValue, parameters });
  const resources = listResources(template, scope).filter(({ logicalId }) => !without.includes(logicalId));
  const resolved = new Map<string, Resource>();
  const resolveOnce = (declared: Declared): Resource => {
    const resource = resolved.get(declared.logicalId) ?? resolveResource(declared, pseudo, scope);
    resolved.set(declared.logicalId, resource);
    return resource;
  };
  for (const { fields, logicalId } of resources) refuseUnknownType(fields, `${template.path}${logicalId}`);
  return {
    pseudo,
    ofType: (...types) =>
      resources.filter(({ fields }) => types.includes(getTextField(fields, 'Type'))).map(resolveOnce),
    outputs: () => resolveOutputs(template, scope),
    exports: () => listExports(template, scope),
  };
}

interface Surroundings {
  readonly template: Fields;
  readonly pseudo: PseudoParameters;
  readonly importValue: ImportValue;
  readonly parameters: ReadonlyMap<string, string>;
}

function scopeOf({ template, pseudo, importValue, parameters }: Surroundings): Scope {
  const pending = new Set<string>();
  const scope: Scope = {
    reference: (name, path) => {
      const pseudoValues = pseudoParameterValues(pseudo);
      if (Object.hasOwn(pseudoValues, name)) return pseudoValues[name];
      const parameter = parameterValue(template, name, { path, given: parameters.get(name) });
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
        return isTrue(expression, `${template.path}Conditions.${name}`, scope);
      }),
    mapping: (keys, path) => findInMap(template, keys, path),
    importValue: (exportName, path) =>
      once(`the import of ${exportName}`, path, () => {
        const value = importValue(exportName, path);
        if (value === undefined)
          throw new RuntimeSetupError(`${path}: no stack of this assembly exports ${exportName}`);
        return value;
      }),
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
      const fields = asFields(resource, `${template.path}Resources.${logicalId}`);
      if (!isLive(fields, scope)) throw new RuntimeSetupError(`${path}: the condition of ${logicalId} is false`);
      return identityIn({ logicalId, fields }, pseudo, scope);
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

function findInMap(template: Fields, keys: readonly string[], path: string): Json {
  let value: Json | undefined = section(template, 'Mappings');
  for (const key of keys) value = isJsonObject(value) ? value[key] : undefined;
  if (value === undefined || isJsonObject(value))
    throw new RuntimeSetupError(`${path}: no mapping has ${keys.join(', ')}`);
  return value;
}

/** A resource as the template has it. */
interface Declared {
  readonly logicalId: string;
  readonly fields: Fields;
}

function listResources(template: Fields, scope: Scope): readonly Declared[] {
  return Object.entries(section(template, 'Resources'))
    .map(([logicalId, resource]) => ({
      logicalId,
      fields: asFields(resource, `${template.path}Resources.${logicalId}`),
    }))
    .filter(({ fields }) => isLive(fields, scope));
}

function isLive(resource: Fields, scope: Scope): boolean {
  const condition = findTextField(resource, 'Condition');
  return condition === undefined || scope.condition(condition, at(resource, 'Condition'));
}

function refuseUnknownType(resource: Fields, name: string): void {
  const type = getTextField(resource, 'Type');
  if (SUPPORTED_TYPES.has(type) || Object.hasOwn(IGNORED_TYPES, type)) return;
  throw unsupported(name, `the resource type ${type} is not supported`);
}

function resolveResource(declared: Declared, pseudo: PseudoParameters, scope: Scope): Resource {
  const { logicalId, fields } = declared;
  const path = at(fields, 'Properties');
  const properties = asFields(resolveValue(fields.values['Properties'] ?? {}, path, scope), path);
  return { logicalId, identity: identityIn(declared, pseudo, scope), properties };
}

function identityIn({ logicalId, fields }: Declared, pseudo: PseudoParameters, scope: Scope): Identity {
  const path = at(fields, 'Properties');
  const properties = asFields(fields.values['Properties'] ?? {}, path);
  const valueOf = (property: string): Json | undefined => {
    const value = properties.values[property];
    return value === undefined ? undefined : resolveValue(value, `${path}.${property}`, scope);
  };
  const text = (property: string): string | undefined => {
    const value = valueOf(property);
    return value === undefined ? undefined : getTextField({ path, values: { [property]: value } }, property);
  };
  const has = (property: string): boolean => valueOf(property) !== undefined;
  return identify({ logicalId, type: getTextField(fields, 'Type'), text, has }, pseudo);
}

function resolveOutputs(template: Fields, scope: Scope): Readonly<Record<string, string>> {
  return Object.fromEntries(
    listOutputs(template, scope).map(({ name, fields }) => [name, outputValue(fields, scope)] as const),
  );
}

function listOutputs(template: Fields, scope: Scope): readonly { readonly name: string; readonly fields: Fields }[] {
  return Object.entries(section(template, 'Outputs'))
    .map(([name, value]) => ({ name, fields: asFields(value, `${template.path}Outputs.${name}`) }))
    .filter(({ fields }) => isLive(fields, scope));
}

function outputValue(output: Fields, scope: Scope): string {
  const resolved = asFields(resolveValue({ Value: output.values['Value'] ?? null }, output.path, scope), output.path);
  return getTextField(resolved, 'Value');
}

function listExports(template: Fields, scope: Scope): ReturnType<ExportingTemplate['exports']> {
  const entries = listOutputs(template, scope).flatMap(({ fields }) => {
    const declared = findFields(fields, 'Export');
    if (declared === undefined) return [];
    const name = getTextField(asFields(resolveValue(declared.values, declared.path, scope), declared.path), 'Name');
    return [[name, () => outputValue(fields, scope)] as const];
  });
  return new Map(entries);
}
