import type { KeySchemaElement, TableDescription } from '@aws-sdk/client-dynamodb';

import type { TableModel } from '../model.ts';
import { ENGINE_VIEW_TYPE } from './engine.ts';

/** Returns the difference between a kept table and the template's table in words; undefined if there is none. */
export function differenceOf(table: TableModel, existing: TableDescription): string | undefined {
  const wanted = aspectsOfModel(table);
  const described = aspectsOfDescription(existing);
  // The engine's stream may have more than the template's. One with just as much is from an older version.
  const found =
    described.stream === ENGINE_VIEW_TYPE && wanted.stream !== '' ? { ...described, stream: wanted.stream } : described;
  const aspect = (['keys', 'indexes', 'stream'] as const).find((name) => wanted[name] !== found[name]);
  return aspect && `its ${aspect}: ${found[aspect] || 'none'} instead of ${wanted[aspect] || 'none'}`;
}

interface Aspects {
  readonly keys: string;
  readonly indexes: string;
  readonly stream: string;
}

function aspectsOfModel({ definition, streamViewType }: TableModel): Aspects {
  const types = new Map(definition.attributes.map(({ name, type }) => [name, type]));
  const spell = (keys: TableModel['definition']['keys']): string =>
    keys.map(({ name, type }) => `${name} ${types.get(name)} ${type}`).join(', ');
  const indexes = definition.indexes.map(({ name, keys, projection, nonKeyAttributes }) =>
    spellIndex({ name, keys: spell(keys), projection, attributes: projection === 'INCLUDE' ? nonKeyAttributes : [] }),
  );
  return { keys: spell(definition.keys), indexes: indexes.toSorted().join('; '), stream: streamViewType ?? '' };
}

function aspectsOfDescription(table: TableDescription): Aspects {
  const types = new Map(table.AttributeDefinitions?.map((type) => [type.AttributeName, type.AttributeType]));
  const spell = (keys: readonly KeySchemaElement[] = []): string =>
    keys.map(({ AttributeName, KeyType }) => `${AttributeName} ${types.get(AttributeName)} ${KeyType}`).join(', ');
  const indexes = [...(table.GlobalSecondaryIndexes ?? []), ...(table.LocalSecondaryIndexes ?? [])].map(
    ({ IndexName, KeySchema, Projection }) =>
      spellIndex({
        name: IndexName ?? '',
        keys: spell(KeySchema),
        projection: Projection?.ProjectionType ?? '',
        attributes: Projection?.NonKeyAttributes ?? [],
      }),
  );
  const stream = table.StreamSpecification;
  return {
    keys: spell(table.KeySchema),
    indexes: indexes.toSorted().join('; '),
    stream: stream?.StreamEnabled === true ? (stream.StreamViewType ?? '') : '',
  };
}

interface SpelledIndex {
  readonly name: string;
  readonly keys: string;
  readonly projection: string;
  readonly attributes: readonly string[];
}

function spellIndex({ name, keys, projection, attributes }: SpelledIndex): string {
  return `${name} (${[keys, projection, ...attributes.toSorted()].join(', ')})`;
}
