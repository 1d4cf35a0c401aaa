import * as z from 'zod/mini';
import { ConfigError } from '../errors.ts';
import { faultsIn } from '../protocol/decode-frame.ts';
import { fulfils, type When, whenSchema } from './conditions.ts';
import { parseTemplate, type TopicTemplate } from './topic-template.ts';

/** The changes of a table that may become messages, by the names of DynamoDB Streams. */
export const TABLE_EVENTS = ['INSERT', 'MODIFY', 'REMOVE'] as const;

/** A change of a table. */
export type TableEvent = (typeof TABLE_EVENTS)[number];

/**
 * Number of attributes that a source projects.
 * @limit operator
 */
const PROJECTED_ATTRIBUTES = 50;

/**
 * Bytes of a source's configuration as JSON, which is an environment variable of its Lambda: all variables of a
 * function have 4,096 bytes.
 * @limit operator
 */
export const SOURCE_BYTES = 2_048;

const attribute = z.string().check(
  z.minLength(1),
  z.maxLength(255),
  z.refine((name) => name !== '__proto__', 'is not a name that JSON can carry'),
);

const sourceSchema = z.strictObject({
  topic: z.string(),
  on: z.readonly(z.array(z.enum(TABLE_EVENTS)).check(z.minLength(1))),
  when: whenSchema,
  project: z.readonly(z.array(attribute).check(z.maxLength(PROJECTED_ATTRIBUTES))),
});

/** The configuration of a source: which changes of a table become messages, of which topic, with which attributes. */
export type TableSource = Readonly<z.infer<typeof sourceSchema>>;

/** A source that is ready to be applied to records. */
export interface OpenedSource extends Pick<TableSource, 'project'> {
  readonly template: TopicTemplate;
  readonly events: ReadonlySet<TableEvent>;
  readonly when: When;
}

/**
 * Returns a source's configuration from an app's properties or from a Lambda's environment. Throws ConfigError, which
 * names the faulty part.
 */
export function readTableSource(value: unknown): TableSource {
  const result = sourceSchema.safeParse(value);
  if (!result.success) {
    throw new ConfigError(
      faultsIn(result.error)
        .map(({ path, reason }) => `${path}: ${reason}`)
        .join('; '),
    );
  }
  openTemplate(result.data);
  const bytes = Buffer.byteLength(JSON.stringify(result.data));
  if (bytes <= SOURCE_BYTES) return result.data;
  throw new ConfigError(`the source has ${bytes} bytes as JSON; at most ${SOURCE_BYTES} fit`);
}

/** Prepares a source for records. */
export const openSource = (source: TableSource): OpenedSource => ({
  template: openTemplate(source),
  events: new Set(source.on),
  when: source.when,
  project: source.project,
});

/** Whether a change of an item belongs to the source. The mapping's filters hand over only some of the others. */
export const isWanted = ({ events, when }: OpenedSource, change: WantedChange): boolean =>
  events.has(change.event) && fulfils(when, change.item);

type WantedChange = { readonly event: TableEvent; readonly item: Parameters<typeof fulfils>[1] };

function openTemplate({ topic }: TableSource): TopicTemplate {
  try {
    return parseTemplate(topic);
  } catch (cause) {
    throw new ConfigError(`topic: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
}
