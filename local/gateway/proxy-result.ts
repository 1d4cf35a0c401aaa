/** The members that API Gateway accepts in the result of a Lambda proxy integration. */
const MEMBERS: ReadonlySet<string> = new Set(['statusCode', 'headers', 'multiValueHeaders', 'body', 'isBase64Encoded']);

/** The result of a Lambda proxy integration, decoded. */
export interface ProxyResult {
  /** The status code; undefined if the result has none. */
  readonly statusCode?: number;
  /** The body; undefined if the result has none. */
  readonly body?: string;
  readonly headers: Readonly<Record<string, unknown>>;
}

/**
 * Decodes the result of a Lambda proxy integration. Returns undefined for a malformed one: not an object, an unknown
 * member, a body other than a text, a status code other than a number, or headers other than an object. API Gateway
 * takes each of them as a failure of the integration.
 * See https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html
 */
export function decodeProxyResult(payload: unknown): ProxyResult | undefined {
  if (!isObject(payload) || !Object.keys(payload).every((name) => MEMBERS.has(name))) return undefined;
  const statusCode = isAbsent(payload['statusCode']) ? undefined : Number(payload['statusCode']);
  const { body, headers } = payload;
  const isWellFormed =
    (statusCode === undefined || Number.isInteger(statusCode)) &&
    (isAbsent(body) || typeof body === 'string') &&
    (isAbsent(headers) || isObject(headers));
  if (!isWellFormed) return undefined;
  return {
    ...(statusCode === undefined ? {} : { statusCode }),
    ...(typeof body === 'string' ? { body } : {}),
    headers: isObject(headers) ? headers : {},
  };
}

/** Returns whether a function returned no result at all. Lambda passes `undefined` on as null. */
export function isAbsent(value: unknown): value is undefined | null {
  return value === undefined || value === null;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
