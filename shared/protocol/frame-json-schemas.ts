import * as z from 'zod/mini';
import { CLIENT_FRAMES } from './client-frames.ts';
import { FIELD_DESCRIPTIONS, FRAME_DESCRIPTIONS, type FrameName } from './frame-descriptions.ts';
import { LIMITS } from './limits.ts';
import { messagesSchema, positionSchema, topicSchema } from './schema.ts';
import { SERVER_FRAMES } from './server-frames.ts';

/** The frames of both directions. */
export const FRAME_SCHEMAS = { ...CLIENT_FRAMES, ...SERVER_FRAMES };

/** The name of a frame. Throws when there is none of that name. */
export function frameName(name: string): FrameName {
  if (!isFrameName(name)) throw new Error(`There is no frame ${name}.`);
  return name;
}

const isFrameName = (text: string): text is FrameName => text in FRAME_SCHEMAS;

/** As much of JSON Schema as zod writes for the frames. */
interface Schema {
  readonly $ref?: string;
  readonly description?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly propertyNames?: Schema;
  readonly additionalProperties?: boolean | Schema;
}

type Descriptions = Readonly<Record<string, string>>;

/** What several frames share, by the name it has as a schema of its own. */
const SHARED = { position: positionSchema };

/** What zod checks by a function, it cannot write: a rule across fields … */
const RULES: ReadonlyMap<string, object> = new Map([
  ['publish', { oneOf: [{ required: ['data'] }, { required: ['messages'] }] }],
]);

/** … and the messages of a publish, of which a schema by zod would be in every bundle. */
const MESSAGES = { type: 'array', items: {}, minItems: 1, maxItems: LIMITS.PUBLISHED_MESSAGES } as const;

/** The schema of each frame, and of what they share, as JSON Schema with a description of every field. */
export function frameJsonSchemas(): Readonly<Record<string, Schema>> {
  const registry = z.registry<{ id: string }>();
  for (const [id, schema] of Object.entries({ ...FRAME_SCHEMAS, ...SHARED })) registry.add(schema, { id });
  const uri = (id: string): string => `#/components/schemas/${id}`;
  const { schemas } = z.toJSONSchema(registry, {
    target: 'draft-7',
    io: 'input',
    uri,
    unrepresentable: 'any',
    override: ({ zodSchema, jsonSchema }) =>
      void Object.assign(jsonSchema, zodSchema === messagesSchema ? MESSAGES : {}),
  });
  const described = Object.entries(schemas).map(([name, schema]) => {
    const frame = name in SHARED ? undefined : FRAME_DESCRIPTIONS[frameName(name)];
    const fields = describe(bare(schema), { ...FIELD_DESCRIPTIONS, ...frame?.fields });
    const whole = { ...withDescription(fields, frame?.summary ?? FIELD_DESCRIPTIONS[name]), ...RULES.get(name) };
    return [name, whole] as const;
  });
  return Object.fromEntries(described);
}

/** Without what a schema that stands alone says of itself. */
function bare(schema: object): Schema {
  const hidden = new Set(['$schema', '$id']);
  const found: Schema = JSON.parse(
    JSON.stringify(schema, (key, value: unknown) => (hidden.has(key) ? undefined : value)),
  );
  return found;
}

/** The schema with a description of each of its fields, at any depth. */
function describe(schema: Schema, descriptions: Descriptions): Schema {
  const { properties, items } = schema;
  const fields = Object.entries(properties ?? {}).map(([name, field]) => {
    return [name, withDescription(withTopicNames(describe(field, descriptions)), descriptions[name])] as const;
  });
  return {
    ...schema,
    ...(properties === undefined ? {} : { properties: Object.fromEntries(fields) }),
    ...(items === undefined ? {} : { items: describe(items, descriptions) }),
  };
}

/**
 * Beside a `$ref` JSON Schema ignores everything else, so the reference steps aside. A field without a text stays
 * without.
 */
function withDescription({ $ref, ...schema }: Schema, description: string | undefined): Schema & { allOf?: Schema[] } {
  const text = description === undefined ? {} : { description };
  return $ref === undefined ? { ...text, ...schema } : { ...text, allOf: [{ $ref }] };
}

/** What zod checks of a record’s keys by a function, it cannot write: the keys of `positions` are topics. */
const withTopicNames = (schema: Schema): Schema =>
  schema.propertyNames === undefined
    ? schema
    : { ...schema, propertyNames: bare(z.toJSONSchema(topicSchema, { target: 'draft-7' })) };
