import type { FunctionModel } from '../model.ts';
import {
  type DescribedLambda,
  describedFunction,
  functionConfiguration,
  listedConfiguration,
  measureCode,
} from './describe-function.ts';
import type { FindFunction, NamedFunction } from './function-finder.ts';
import { functionRefusal } from './invoke-answers.ts';
import type { LambdaOperation } from './lambda-operation.ts';
import { pageOf } from './paging.ts';

/** Functions of one page, 50 as on AWS. */
const PAGE_MAXIMUM = 50;

/** The operations on functions. A reference is the name or ARN as it stands in the URL. */
export interface FunctionOperations {
  readonly list: (query: URLSearchParams) => LambdaOperation;
  readonly get: (reference: string, query: URLSearchParams) => LambdaOperation;
  readonly getConfiguration: (reference: string, query: URLSearchParams) => LambdaOperation;
}

/** The functions that the operations tell of. */
export interface FunctionOperationsOptions {
  readonly functions: readonly FunctionModel[];
  readonly find: FindFunction;
  /** The time in epoch ms of the runtime's start. */
  readonly startedAtMs: number;
}

/** Creates the operations that tell of functions. */
export function createFunctionOperations({
  functions,
  find,
  startedAtMs,
}: FunctionOperationsOptions): FunctionOperations {
  const measured = new Map<string, ReturnType<typeof measureCode>>();
  const describe = (model: FunctionModel, qualifier?: string): DescribedLambda => {
    const code = measured.get(model.codeDirectory) ?? measureCode(model.codeDirectory);
    measured.set(model.codeDirectory, code);
    return { model, qualifier, startedAtMs, code };
  };
  const one = (action: string, tell: (described: DescribedLambda) => object) => {
    return (reference: string, query: URLSearchParams): LambdaOperation => {
      const named = find(reference, query.get('Qualifier'));
      const { model, qualifier } = named;
      const run: LambdaOperation['run'] = () =>
        model === undefined || named.isContradictory
          ? functionRefusal(named)
          : { status: 200, content: tell(describe(model, qualifier)) };
      return { action, resource: unqualified(named), run };
    };
  };
  const list = (query: URLSearchParams): LambdaOperation => ({
    action: 'lambda:ListFunctions',
    resource: '*',
    run: () => {
      const all = query.get('FunctionVersion') === 'ALL' ? functions.flatMap(withVersions) : functions.map(itself);
      const page = pageOf(all, query, PAGE_MAXIMUM);
      if ('errorType' in page) return page;
      const { items, ...more } = page;
      const Functions = items.map(({ model, qualifier }) => listedConfiguration(describe(model, qualifier)));
      return { status: 200, content: { Functions, ...more } };
    },
  });
  return {
    list,
    get: one('lambda:GetFunction', describedFunction),
    getConfiguration: one('lambda:GetFunctionConfiguration', functionConfiguration),
  };
}

/** Returns the ARN of the function itself, by which IAM judges who may read it, whatever version is asked for. */
function unqualified({ arn, qualifier }: NamedFunction): string {
  return qualifier === undefined ? arn : arn.slice(0, -qualifier.length - 1);
}

interface Listed {
  readonly model: FunctionModel;
  readonly qualifier?: string;
}

const itself = (model: FunctionModel): Listed => ({ model });

/** Lists a function with its versions, `$LATEST` the first one. Aliases are no versions. */
function withVersions(model: FunctionModel): readonly Listed[] {
  const numbers = (model.qualifiers ?? []).filter((name) => /^\d+$/.test(name));
  return ['$LATEST', ...numbers].map((qualifier) => ({ model, qualifier }));
}
