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
  return knownFunction(arn, at(fields, name), functions);
}

/**
 * Returns the function's ARN of a Lambda proxy: its URI may be the function's ARN, too, as in HTTP APIs. The console of
 * API Gateway then shows no function, and the API works: https://github.com/aws/aws-cdk/pull/13820.
 */
export function functionOfProxy(fields: Fields, name: string, functions: readonly FunctionModel[]): string {
  const uri = getTextField(fields, name);
  if (!/^arn:[^:]+:lambda:/.test(uri)) return functionOfUri(fields, name, functions);
  return knownFunction(uri, at(fields, name), functions);
}

function knownFunction(arn: string, path: string, functions: readonly FunctionModel[]): string {
  const found = findFunctionByName(functions, arn);
  if (found !== undefined) return found.arn;
  throw new RuntimeSetupError(`${path}: ${arn} is not a function of this template`);
}
