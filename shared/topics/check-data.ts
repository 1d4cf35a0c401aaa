import { ClientError } from '../errors.ts';
import { cut } from '../protocol/decode-frame.ts';
import { LIMITS } from '../protocol/limits.ts';
import type { Fault } from '../protocol/server-frames.ts';
import { type Definitions, schemaOf } from './read-definitions.ts';
import type { SchemaIssue, StandardSchema } from './standard-schema.ts';

/** The messages of a publish, with the name of the field of the frame that they are in. */
export interface CheckedData {
  readonly topic: string;
  readonly messages: readonly unknown[];
  /** Whether the frame has a list of messages, so that a path names one of them. */
  readonly isList: boolean;
}

/**
 * Checks the messages of a publish by the schema of their topic. A topic without a definition takes any data. Throws
 * ClientError: `bad-data` with up to `FAULTS` faults, their texts cut like those of `bad-frame`.
 */
export async function checkData(definitions: Definitions, { topic, messages, isList }: CheckedData): Promise<void> {
  const schema = schemaOf(definitions, topic);
  if (schema === undefined) return;
  const details: Fault[] = [];
  for (const [index, data] of messages.entries()) {
    const start = isList ? ['messages', index] : ['data'];
    const issues = await issuesOf(topic, schema, data);
    details.push(...issues.slice(0, LIMITS.FAULTS - details.length).map((issue) => faultOf(start, issue)));
    if (details.length >= LIMITS.FAULTS) break;
  }
  if (details.length === 0) return;
  throw new ClientError('bad-data', 'The data does not fit the schema of the topic.', { details });
}

async function issuesOf(topic: string, schema: StandardSchema, data: unknown): Promise<readonly SchemaIssue[]> {
  try {
    return (await schema['~standard'].validate(data)).issues ?? [];
  } catch (error) {
    // oxlint-disable-next-line preserve-caught-error -- the text of another library's error may contain the payload
    throw new Error(`The schema of the topic ${topic} threw ${error instanceof Error ? error.name : typeof error}.`);
  }
}

const faultOf = (start: readonly PropertyKey[], { path = [], message }: SchemaIssue): Fault => ({
  path: cut(
    [...start, ...path.map((segment) => (typeof segment === 'object' ? segment.key : segment))].map(String).join('.'),
  ),
  reason: cut(message),
});
