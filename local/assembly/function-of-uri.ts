import { type FunctionModel, RuntimeSetupError } from '../model.ts';
import { at, type Fields, getTextField, unsupported } from './fields.ts';
import { findFunctionByName } from './function-references.ts';

/**
 * Returns the function's ARN from an integration URI: `arn:aws:apigateway:…:lambda:path/2015-03-31/functions/{function
 * arn}/invocations`.
 */
export function functionOfUri(fields: Fields, name: string, functions: readonly FunctionModel[]): string {
  const uri = getTextField(fields, name);
  const arn = /:lambda:path\/2015-03-31\/functions\/(.+)\/invocations$/.exec(uri)?.[1];
  if (arn === undefined) throw unsupported(at(fields, name), `${uri} is not a Lambda function and is not supported`);
  const found = findFunctionByName(functions, arn);
  if (found !== undefined) return found.arn;
  throw new RuntimeSetupError(`${at(fields, name)}: ${arn} is not a function of this template`);
}
