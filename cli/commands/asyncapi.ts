import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import {
  describeTopics,
  type DescribeTopicsOptions,
  type TopicDefinitions,
  type TopicsDocument,
} from '../../server/src/index.ts';
import { ConfigError } from '../../shared/errors.ts';
import type { Command, ExitCode, Invocation } from '../command.ts';
import { OperatorError, UsageError } from '../operator-error.ts';
import { textOption } from '../options.ts';
import { counted } from '../output.ts';

/** The command `asyncapi`: the AsyncAPI document of an application's topics. */
export const ASYNCAPI: Command = {
  name: 'asyncapi',
  summary: "Describe an application's topics by an AsyncAPI document.",
  help: `  distributary asyncapi MODULE
    --title TITLE   the title of the application (default Topics)

  MODULE is a file that exports what defineTopics returns, as topics or as its default: a bundle, or a source that Node can
  import. It is imported, so its code runs. The document goes to standard output, in AsyncAPI 3.1: a channel for each topic, with
  the schema of its data. Its server is the local runtime, or with --stack the deployed one.
  A library writes its JSON Schema by the interface Standard JSON Schema (zod, ArkType). For others the module exports
  toJsonSchema, a function from a schema to its JSON Schema, draft 7. A schema that cannot be described is named in the document
  and on standard error; the exit code is then 1.

  distributary asyncapi topics.ts > asyncapi.json
  distributary asyncapi schemas.mjs --title Shop --stack Distributary --region eu-central-1`,
  options: { title: { type: 'string' } },
  run: describe,
};

async function describe({ positionals, values, output, backend }: Invocation): Promise<ExitCode> {
  const [path, ...more] = positionals;
  if (path === undefined || more.length > 0) throw new UsageError('Name the module that exports the topics.');
  const { topics, toJsonSchema } = await load(path);
  const url = textOption(values, 'stack') === undefined ? undefined : (await backend()).stack.resources.webSocketUrl;
  const title = textOption(values, 'title');
  const { document, undescribed } = describeAll(topics, {
    ...(title === undefined ? {} : { title }),
    ...(url === undefined ? {} : { url }),
    ...(toJsonSchema === undefined ? {} : { toJsonSchema }),
  });
  output.line(JSON.stringify(document, null, 2));
  output.data(document);
  for (const { pattern, reason } of undescribed) output.note(`${pattern} is not described: ${reason}`);
  if (undescribed.length === 0) return 0;
  output.note(`${counted(undescribed.length, 'schema')} could not be described: any data stands for it there.`);
  return 1;
}

function describeAll(topics: TopicDefinitions, options: DescribeTopicsOptions): TopicsDocument {
  try {
    return describeTopics(topics, options);
  } catch (cause) {
    if (!(cause instanceof ConfigError)) throw cause;
    throw new OperatorError(cause.message, { cause });
  }
}

interface Loaded {
  readonly topics: TopicDefinitions;
  readonly toJsonSchema: ((schema: unknown) => unknown) | undefined;
}

/** Imports the definitions of topics. Throws OperatorError for a module without any. */
async function load(path: string): Promise<Loaded> {
  const file = resolve(path);
  if (!existsSync(file)) throw new OperatorError(`There is no file ${path}.`);
  const { topics, default: other, toJsonSchema } = await importModule(path, pathToFileURL(file).href);
  const definitions = topics ?? other;
  if (!isDefinitions(definitions)) {
    throw new OperatorError(`${path} exports no definitions of topics, as \`topics\` or as its default.`);
  }
  return { topics: definitions, toJsonSchema: isFunction(toJsonSchema) ? toJsonSchema : undefined };
}

interface Module {
  readonly topics?: unknown;
  readonly default?: unknown;
  readonly toJsonSchema?: unknown;
}

async function importModule(path: string, href: string): Promise<Module> {
  try {
    return await import(href);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new OperatorError(`${path} cannot be imported: ${reason}`, { cause });
  }
}

/** Whether a value may be definitions; `describeTopics` checks each of them. */
const isDefinitions = (value: unknown): value is TopicDefinitions => typeof value === 'object' && value !== null;

const isFunction = (value: unknown): value is (argument: unknown) => unknown => typeof value === 'function';
