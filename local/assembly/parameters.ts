import { type Json, RuntimeSetupError } from '../model.ts';
import { asFields, findTextField, getTextField, unsupported } from './fields.ts';
import { isJsonObject } from './json.ts';

/** Returns the value of a template parameter: its default, because a local run takes no parameters. */
export function parameterValue(parameters: Json | undefined, name: string, path: string): Json | undefined {
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
