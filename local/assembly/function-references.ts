import type { FunctionModel } from '../model.ts';

/**
 * Returns the function that a template names by its name or its ARN, also with one of its versions or aliases;
 * undefined if it is not one of these.
 */
export function findFunctionByName(functions: readonly FunctionModel[], named: string): FunctionModel | undefined {
  return functions.find(({ name, arn, qualifiers = [] }) =>
    [name, arn].some((own) => named === own || ['$LATEST', ...qualifiers].some((each) => named === `${own}:${each}`)),
  );
}
