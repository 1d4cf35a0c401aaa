import { createRequire } from 'node:module';
import type * as Velocity from 'velocityjs';
import { valueAtPath } from './json-path.ts';

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
 * `$util`. Throws for a template that cannot be read.
 *
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/models-mappings.html
 */
export function renderTemplate(template: string, request: MappedRequest): string {
  // Loaded for templates alone: most applications have none, and are to start as soon as before.
  const velocity: typeof Velocity = createRequire(import.meta.url)('velocityjs');
  const { context, stageVariables } = request;
  const values = { input: inputOf(request), context: { ...context }, stageVariables, util: UTILITIES };
  return velocity.render(quiet(template), values, {}, { customMethodHandlers: STRING_METHODS });
}

/** Returns a template in which a variable of the context that the request has not is empty, and not its own name. */
const quiet = (template: string): string => template.replaceAll(/\$(?=\{?(?:context|stageVariables)\b)/g, '$!');

function inputOf({ body, headers, query }: MappedRequest) {
  const parameters = { path: {}, querystring: { ...query }, header: { ...headers } };
  const parsed = parseJson(body);
  return {
    body,
    json: (path: string) => JSON.stringify(valueAtPath(parsed, path)) ?? '',
    path: (path: string) => valueAtPath(parsed, path) ?? '',
    params: (name?: string) => (name === undefined ? parameters : (query[name] ?? headers[name] ?? '')),
  };
}

function parseJson(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    // `$` is then the text itself, as for a message that is not JSON.
    return body;
  }
}

const UTILITIES = {
  escapeJavaScript: (text: unknown) => JSON.stringify(String(text)).slice(1, -1).replaceAll("'", String.raw`\'`),
  parseJson: (text: unknown) => parseJson(String(text)),
  urlEncode: (text: unknown) => new URLSearchParams([['', String(text)]]).toString().slice(1),
  urlDecode: (text: unknown) => new URLSearchParams(`=${String(text)}`).get('') ?? '',
  base64Encode: (text: unknown) => Buffer.from(String(text)).toString('base64'),
  base64Decode: (text: unknown) => Buffer.from(String(text), 'base64').toString(),
};

type Method = NonNullable<NonNullable<Parameters<typeof Velocity.render>[3]>['customMethodHandlers']>[number];

/** Returns a method of Java's texts, which templates call, and which those of JavaScript have not, or not so. */
const textMethod = (name: string, run: (text: string, first: string, second: string) => unknown): Method => ({
  uid: `text.${name}`,
  match: ({ property, context }) => property === name && typeof context === 'string',
  resolve: ({ context, params }) => run(String(context), String(params?.[0] ?? ''), String(params?.[1] ?? '')),
});

const STRING_METHODS: Method[] = [
  textMethod('length', (text) => text.length),
  textMethod('isEmpty', (text) => text === ''),
  textMethod('contains', (text, other) => text.includes(other)),
  textMethod('equals', (text, other) => text === other),
  textMethod('equalsIgnoreCase', (text, other) => text.toLowerCase() === other.toLowerCase()),
  // Java takes a regular expression here, and a text for `replace`, all of whose places are replaced.
  textMethod('replaceAll', (text, pattern, by) => text.replaceAll(new RegExp(pattern, 'g'), by)),
  textMethod('replaceFirst', (text, pattern, by) => text.replace(new RegExp(pattern), by)),
  textMethod('replace', (text, part, by) => text.replaceAll(part, () => by)),
  textMethod('matches', (text, pattern) => new RegExp(`^(?:${pattern})$`).test(text)),
];
