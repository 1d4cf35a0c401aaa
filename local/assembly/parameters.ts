import { type Json, RuntimeSetupError } from '../model.ts';
import { asFields, type Fields, findTextField, getTextField, listTexts, section, unsupported } from './fields.ts';

/** A reference to a parameter, and the value that the user gave it. */
interface Reference {
  /** The path of the reference, for errors. */
  readonly path: string;
  readonly given: string | undefined;
}

/** Returns the value of a template parameter: the given one, or its default; undefined if there is no such one. */
export function parameterValue(template: Fields, name: string, { path, given }: Reference): Json | undefined {
  const parameters = section(template, 'Parameters');
  if (!Object.hasOwn(parameters, name)) return undefined;
  const parameter = asFields(parameters[name], `${template.path}Parameters.${name}`);
  const type = getTextField(parameter, 'Type');
  // The default is the name of an entry in Parameter Store, not the value.
  if (type.startsWith('AWS::SSM::Parameter') && given === undefined)
    throw unsupported(path, `a reference to ${name} (${type}) without --parameter ${name}=VALUE is not supported`);
  const value = given ?? findTextField(parameter, 'Default');
  if (value === undefined)
    throw new RuntimeSetupError(`${path}: the parameter ${name} has no default to run with: --parameter ${name}=VALUE`);
  checkAllowed(parameter, value);
  return type === 'CommaDelimitedList' || type.startsWith('List<')
    ? value.split(',').map((part) => part.trim())
    : value;
}

/** Returns the values of parameters by name, from texts `NAME=VALUE`. Throws RuntimeSetupError for any other text. */
export function readParameterValues(texts: readonly string[]): ReadonlyMap<string, string> {
  const pairs = texts.map((text) => {
    const at = text.indexOf('=');
    if (at < 1) throw new RuntimeSetupError(`--parameter is NAME=VALUE, not ${text}`);
    return [text.slice(0, at), text.slice(at + 1)] as const;
  });
  return new Map(pairs);
}

/** Throws for a value that a deployment would refuse. */
function checkAllowed(parameter: Fields, value: string): void {
  const allowed = listTexts({ ...parameter, values: textsOf(parameter) }, 'AllowedValues');
  const pattern = findTextField(parameter, 'AllowedPattern');
  if (allowed.length > 0 && !allowed.includes(value))
    throw new RuntimeSetupError(`${parameter.path} is ${value}; allowed: ${allowed.join(', ')}`);
  if (pattern !== undefined && !matches(value, pattern))
    throw new RuntimeSetupError(`${parameter.path} is ${value}, which does not match its pattern ${pattern}`);
}

/** Returns whether a value matches a pattern. Any does if only Java, in which CloudFormation reads it, can read it. */
function matches(value: string, pattern: string): boolean {
  try {
    return new RegExp(`^(?:${pattern})$`).test(value);
  } catch {
    return true;
  }
}

/** Returns the allowed values as texts: numbers are compared as they are written. */
function textsOf({ values }: Fields): Fields['values'] {
  const allowed = values['AllowedValues'];
  return { AllowedValues: Array.isArray(allowed) ? allowed.map(String) : [] };
}
