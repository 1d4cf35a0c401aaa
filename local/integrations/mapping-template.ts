import { parseExactly } from './exact-number.ts';
import { JAVA_METHODS } from './java-methods.ts';
import { valueAtPath } from './json-path.ts';
import { renderVelocity } from './velocity-engine.ts';
import { withinTime } from './within-time.ts';

/** The request that a template maps. */
export interface MappedRequest {
  readonly body: string;
  /** `$context`: the members of the event's `requestContext`. */
  readonly context: Readonly<Record<string, unknown>>;
  readonly headers: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, string>>;
  readonly stageVariables: Readonly<Record<string, string>>;
}

/**
 * Renders a mapping template as API Gateway does: Apache Velocity with `$input`, `$context`, `$stageVariables` and
 * `$util`. Throws for a template that cannot be read, or that takes too long.
 *
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/models-mappings.html
 */
export function renderTemplate(template: string, request: MappedRequest): string {
  const { context, stageVariables } = request;
  // A template can set members: what the next one sees is copied.
  const values = {
    input: inputOf(request),
    context: structuredClone(context),
    stageVariables: { ...stageVariables },
    util: { ...UTILITIES },
  };
  return withinTime(() => renderVelocity(quiet(template), values, { customMethodHandlers: JAVA_METHODS }));
}

/** Returns the text that a template prints of a value. */
const print = (value: unknown): string =>
  typeof value === 'string' ? value : renderVelocity('$!value', { value }, {});

/** Returns a template in which a variable of the context that the request has not is empty, and not its own name. */
const quiet = (template: string): string => template.replaceAll(/\$(?=\{?(?:context|stageVariables)\b)/g, '$!');

function inputOf({ body, headers, query }: MappedRequest) {
  const parameters = { path: {}, querystring: { ...query }, header: { ...headers } };
  const parsed = parseJson(body);
  return {
    body,
    json: (path: string) => JSON.stringify(valueAtPath(parsed, path)) ?? '',
    path: (path: string) => valueAtPath(parsed, path) ?? '',
    params: (name?: string) =>
      name === undefined ? parameters : (ownText(query, name) ?? ownText(headers, name) ?? ''),
  };
}

const ownText = (texts: Readonly<Record<string, string>>, name: string): string | undefined =>
  Object.hasOwn(texts, name) ? texts[name] : undefined;

function parseJson(body: string): unknown {
  try {
    return parseExactly(body);
  } catch {
    // `$` is then the text itself, as for a message that is not JSON.
    return body;
  }
}

const UTILITIES = {
  escapeJavaScript: (text: unknown) => JSON.stringify(print(text)).slice(1, -1).replaceAll("'", String.raw`\'`),
  parseJson: (text: unknown) => parseJson(print(text)),
  urlEncode: (text: unknown) => new URLSearchParams([['', print(text)]]).toString().slice(1),
  urlDecode: (text: unknown) => new URLSearchParams(`=${print(text).replaceAll('&', '%26')}`).get('') ?? '',
  base64Encode: (text: unknown) => Buffer.from(print(text)).toString('base64'),
  base64Decode: (text: unknown) => Buffer.from(print(text), 'base64').toString(),
};
