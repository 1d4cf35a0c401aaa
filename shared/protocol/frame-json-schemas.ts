import * as z from 'zod/mini';
import { CLIENT_FRAMES, NOT_WITH_BEFORE, NOT_WITH_WILDCARD } from './client-frames.ts';
import { FIELD_DESCRIPTIONS, FRAME_DESCRIPTIONS, type FrameName } from './frame-descriptions.ts';
import { LIMITS } from './limits.ts';
import { messagesSchema, positionSchema, subscribableSchema } from './schema.ts';
import { SERVER_FRAMES } from './server-frames.ts';

/** The schemas of the frames of both directions, by name. */
export const FRAME_SCHEMAS = { ...CLIENT_FRAMES, ...SERVER_FRAMES };

/** Returns a text as the name of a frame. Throws for an unknown name. */
export function frameName(name: string): FrameName {
  if (!isFrameName(name)) throw new Error(`There is no frame ${name}.`);
  return name;
}

const isFrameName = (text: string): text is FrameName => text in FRAME_SCHEMAS;

/** The part of JSON Schema that zod writes for the frames. */
interface Schema {
  readonly $ref?: string;
  readonly description?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly propertyNames?: Schema;
  readonly additionalProperties?: boolean | Schema;
}

type Descriptions = Readonly<Record<string, string>>;

/** The schemas that several frames refer to, by the name of their separate JSON Schema. */
const SHARED = { position: positionSchema };

const WITH_A_TOPIC = { properties: { topic: { description: 'A topic’s name, no wildcard.', pattern: '[^*]$' } } };

const WITH_A_WILDCARD = { properties: { topic: { description: 'A wildcard.', pattern: '\\*$' } } };

/** The cross-field rules of frames, by name: zod cannot export a refinement to JSON Schema. */
const RULES: ReadonlyMap<string, object> = new Map([
  [
    'subscribe',
    {
      dependencies: {
        ...Object.fromEntries(NOT_WITH_WILDCARD.map((name) => [name, WITH_A_TOPIC])),
        positions: WITH_A_WILDCARD,
        before: {
          ...WITH_A_TOPIC,
          required: ['history'],
          not: { anyOf: NOT_WITH_BEFORE.map((name) => ({ required: [name] })) },
        },
      },
    },
  ],
  ['publish', { oneOf: [{ required: ['data'] }, { required: ['messages'] }] }],
]);

/**
 * The JSON Schema of a publish's `messages`. The wire checks them by a function, because zod's array schema would add
 * to every bundle.
 */
const MESSAGES = { type: 'array', items: {}, minItems: 1, maxItems: LIMITS.PUBLISHED_MESSAGES } as const;

/** Returns the JSON Schema of each frame and of each shared part, with a description of every field. */
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

/** Returns a copy of a schema without `$schema` and `$id`, which only a separate document has. */
function bare(schema: object): Schema {
  const hidden = new Set(['$schema', '$id']);
  const found: Schema = JSON.parse(
    JSON.stringify(schema, (key, value: unknown) => (hidden.has(key) ? undefined : value)),
  );
  return found;
}

/** Returns a schema with a description of each of its fields, at any depth. */
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
 * Returns a schema with a description. A `$ref` moves into `allOf`, because JSON Schema draft 7 ignores all that stands
 * beside it.
 */
function withDescription({ $ref, ...schema }: Schema, description: string | undefined): Schema & { allOf?: Schema[] } {
  const text = description === undefined ? {} : { description };
  return $ref === undefined ? { ...text, ...schema } : { ...text, allOf: [{ $ref }] };
}

/**
 * Adds the rule that the keys of `positions` are what can be subscribed to: zod cannot export it, since a function
 * checks it.
 */
const withTopicNames = (schema: Schema): Schema =>
  schema.propertyNames === undefined
    ? schema
    : { ...schema, propertyNames: bare(z.toJSONSchema(subscribableSchema, { target: 'draft-7' })) };
