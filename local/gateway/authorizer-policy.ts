/** The decision in an authorizer's result. */
export interface AuthorizerDecision {
  readonly allowed: boolean;
  readonly principalId: string;
  /** The context values as strings, the only type of `$context.authorizer.*`. */
  readonly context: Readonly<Record<string, string>>;
}

interface Statement {
  readonly effect: 'Allow' | 'Deny';
  readonly actions: readonly string[];
  readonly resources: readonly string[];
}

const INVOKE_ACTION = 'execute-api:Invoke';

/**
 * Decodes an authorizer's result for one method. Returns undefined for a malformed result, which is answered with 500.
 */
export function decodeAuthorizerResult(result: unknown, methodArn: string): AuthorizerDecision | undefined {
  const principalId = field(result, 'principalId');
  const statements = decodeStatements(field(field(result, 'policyDocument'), 'Statement'));
  const context = decodeContext(field(result, 'context'));
  if (typeof principalId !== 'string' || statements === undefined || context === undefined) return undefined;
  return { allowed: isAllowed(statements, methodArn), principalId, context };
}

/** Returns whether IAM allows the method: a matching Deny refuses, otherwise a matching Allow is needed. */
function isAllowed(statements: readonly Statement[], methodArn: string): boolean {
  const effects = statements.filter((statement) => matches(statement, methodArn)).map(({ effect }) => effect);
  return effects.includes('Allow') && !effects.includes('Deny');
}

function matches(statement: Statement, methodArn: string): boolean {
  return (
    statement.actions.some((action) => matchesPattern(action.toLowerCase(), INVOKE_ACTION.toLowerCase())) &&
    statement.resources.some((resource) => matchesPattern(resource, methodArn))
  );
}

function matchesPattern(pattern: string, text: string): boolean {
  const source = pattern
    .replaceAll(/[$()+.[\\\]^{|}]/g, String.raw`\$&`)
    .replaceAll(/\*+/g, '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${source}$`, 's').test(text);
}

function decodeStatements(value: unknown): Statement[] | undefined {
  const list: unknown[] = Array.isArray(value) ? value : [value];
  const statements = list.map(decodeStatement);
  return statements.every((statement) => statement !== undefined) ? statements : undefined;
}

function decodeStatement(value: unknown): Statement | undefined {
  const effect = field(value, 'Effect');
  const actions = decodeStrings(field(value, 'Action'));
  const resources = decodeStrings(field(value, 'Resource'));
  if ((effect !== 'Allow' && effect !== 'Deny') || actions === undefined || resources === undefined) return undefined;
  return { effect, actions, resources };
}

function decodeStrings(value: unknown): string[] | undefined {
  const list: unknown[] = Array.isArray(value) ? value : [value];
  return list.every((item) => typeof item === 'string') ? list : undefined;
}

/** Returns the context as strings, or undefined if a value is not a string, a number or a boolean. */
function decodeContext(value: unknown): Record<string, string> | undefined {
  if (value === undefined || value === null) return {};
  if (typeof value !== 'object') return undefined;
  const entries = Object.entries(value);
  if (!entries.every(([, item]) => ['string', 'number', 'boolean'].includes(typeof item))) return undefined;
  return Object.fromEntries(entries.map(([name, item]) => [name, String(item)]));
}

function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}
