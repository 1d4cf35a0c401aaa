import type { Values } from './attributes.ts';

/** An update in the making. In its texts `#name` is the attribute of that name, unless `names` has another one. */
export interface Draft {
  /** The attributes that are set, by name. One that is undefined is removed. */
  readonly set?: Values;
  /** Further texts behind SET. */
  readonly sets?: readonly string[];
  readonly removes?: readonly string[];
  readonly adds?: readonly string[];
  readonly conditions?: readonly string[];
  readonly values?: Values;
  readonly names?: Readonly<Record<string, string>>;
}

/** The parts of an UpdateItem. */
export interface DraftedUpdate {
  readonly UpdateExpression: string;
  readonly ConditionExpression: string;
  readonly ExpressionAttributeNames: Record<string, string>;
  /** The plain values, to be encoded. */
  readonly values: Values;
}

/**
 * Returns the parts of an update. DynamoDB refuses a name or a value that no text uses, so only those in use are left.
 */
export function draftUpdate(draft: Draft): DraftedUpdate {
  const { set = {}, sets = [], removes = [], adds = [], conditions = [], values = {}, names = {} } = draft;
  const entries = Object.entries(set);
  const assigned = entries.flatMap(([name, value]) => (value === undefined ? [] : [`#${name} = :${name}`]));
  const dropped = entries.flatMap(([name, value]) => (value === undefined ? [`#${name}`] : []));
  const UpdateExpression = [
    clause('SET', [...assigned, ...sets]),
    clause('REMOVE', [...dropped, ...removes]),
    clause('ADD', adds),
  ]
    .filter((text) => text !== '')
    .join(' ');
  const ConditionExpression = conditions.join(' AND ');
  const texts = `${UpdateExpression} ${ConditionExpression}`;
  const given: Values = { ...Object.fromEntries(entries.map(([name, value]) => [name, value] as const)), ...values };
  return {
    UpdateExpression,
    ConditionExpression,
    ExpressionAttributeNames: Object.fromEntries(used(texts, '#').map((name) => [`#${name}`, names[name] ?? name])),
    values: Object.fromEntries(used(texts, ':').map((name) => [`:${name}`, given[name]] as const)),
  };
}

const clause = (word: string, parts: readonly string[]): string =>
  parts.length === 0 ? '' : `${word} ${parts.join(', ')}`;

/** Returns the names in the texts that have this mark before them. */
const used = (texts: string, mark: '#' | ':'): readonly string[] => [
  ...new Set(Array.from(texts.matchAll(new RegExp(`${mark}(\\w+)`, 'g')), ([, name = '']) => name)),
];
