import { type Json, RuntimeSetupError } from '../model.ts';
import { asFields, at, type Fields, findTextField, getTextField, section, unsupported } from './fields.ts';
import { findInMap } from './find-in-map.ts';
import { identify, type Identity } from './identities.ts';
import { isTrue, resolveValue, type Scope } from './intrinsics.ts';
import { whatIsNamed } from './named-types.ts';
import { parameterValue } from './parameters.ts';
import type { PassOver } from './pass-over.ts';
import { arnOf, type PseudoParameters } from './physical-names.ts';

/** Returns the value that another stack exports under a name; undefined if none does. */
export type ImportValue = (exportName: string, path: string) => Json | undefined;

/** The template, and what its references may lead to. */
export interface Surroundings {
  readonly template: Fields;
  readonly pseudo: PseudoParameters;
  readonly importValue: ImportValue;
  readonly parameters: ReadonlyMap<string, string>;
  readonly passOver: PassOver;
}

/** Returns a template as its intrinsic functions see it. */
export function scopeOf({ template, pseudo, importValue, parameters, passOver }: Surroundings): Scope {
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
      if (value !== undefined) return value;
      if (!isNamed(template, logicalId))
        passOver(unsupported(path, `the attribute ${attribute} of ${logicalId} is not known`));
      return `${logicalId}.${attribute}`;
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

/** Whether a resource is only named at the start: a text stands for each of its attributes. */
function isNamed(template: Fields, logicalId: string): boolean {
  const fields = asFields(section(template, 'Resources')[logicalId], logicalId);
  return whatIsNamed(getTextField(fields, 'Type')) !== undefined;
}

/** A resource as the template has it. */
export interface Declared {
  readonly logicalId: string;
  readonly fields: Fields;
}

/** Returns whether a resource's condition holds. */
export function isLive(resource: Fields, scope: Scope): boolean {
  const condition = findTextField(resource, 'Condition');
  return condition === undefined || scope.condition(condition, at(resource, 'Condition'));
}

/** Returns the return values of a resource. */
export function identityIn({ logicalId, fields }: Declared, pseudo: PseudoParameters, scope: Scope): Identity {
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
