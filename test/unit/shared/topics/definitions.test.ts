import * as z from 'zod/mini';
import { ClientError, ConfigError } from '../../../../shared/errors.ts';
import { checkData } from '../../../../shared/topics/check-data.ts';
import { counter, defineTopics } from '../../../../shared/topics/define-topics.ts';
import { findPattern } from '../../../../shared/topics/find-pattern.ts';
import { boundsOf, readDefinitions, schemaOf } from '../../../../shared/topics/read-definitions.ts';
import type { StandardSchema } from '../../../../shared/topics/standard-schema.ts';
import { readTopicSettings, retentionFinder, topicSettingsFinder } from '../../../../shared/topics/topic-settings.ts';

const article = z.object({ title: z.string(), tags: z.optional(z.array(z.string())) });
const order = z.object({ status: z.string() });

const definitions = readDefinitions(
  defineTopics({
    news: article,
    'order:*': order,
    'order:vip:*': article,
    'counter:votes': counter({ min: 0 }),
    'counter:*': counter({ min: -10, max: 10 }),
  }),
);

/** Returns the faults of messages; none if they fit. */
async function faultsIn(topic: string, messages: readonly unknown[], isList = false): Promise<readonly object[]> {
  try {
    await checkData(definitions, { topic, messages, isList });
    return [];
  } catch (error) {
    if (error instanceof ClientError && error.code === 'bad-data') return error.details;
    throw error;
  }
}

describe('the most specific pattern', () => {
  it.each([
    ['news', 'news'],
    ['news/a', 'news/*'],
    ['news/a/b', 'news/a/*'],
    ['news/a', 'news/a', 'news/a'],
    ['other', '*'],
  ])('of %s is %s', (name, expected, ...more) => {
    expect(findPattern(['*', 'news/*', 'news/a/*', 'news', ...more], name)).toBe(expected);
  });

  it('is none where no pattern matches', () => {
    expect(findPattern(['news', 'news/*'], 'other')).toBeUndefined();
  });
});

describe('definitions of topics', () => {
  it('give a topic the schema of its most specific pattern', () => {
    expect(schemaOf(definitions, 'news')).toBe(article);
    expect(schemaOf(definitions, 'order:1')).toBe(order);
    expect(schemaOf(definitions, 'order:vip:1')).toBe(article);
    expect(schemaOf(definitions, 'other')).toBeUndefined();
  });

  it('give a counter its bounds', () => {
    expect(boundsOf(definitions, 'counter:votes')).toEqual({ min: 0 });
    expect(boundsOf(definitions, 'counter:other')).toEqual({ min: -10, max: 10 });
  });

  const WRONG: Readonly<Record<string, unknown>> = {
    'no object': 1,
    'a key that is no pattern': { 'news/*/a': article },
    'no schema': { news: { title: 'string' } },
    'a counter without its definition': { 'counter:votes': article },
    'bounds without 0': { 'counter:votes': counter({ min: 1 }) },
    'a bound that is no whole number': { 'counter:votes': counter({ max: 0.5 }) },
  };

  it.each(Object.entries(WRONG))('are refused with %s', (_name, value) => {
    expect(() => readDefinitions(value)).toThrow(ConfigError);
  });
});

describe('data', () => {
  it('is taken if it fits, and in topics without a definition', async () => {
    expect(await faultsIn('news', [{ title: 'Lock 4' }])).toEqual([]);
    expect(await faultsIn('other', [1])).toEqual([]);
  });

  it('is refused with the path of each fault', async () => {
    expect(await faultsIn('news', [{ title: 4, tags: ['a', 1] }])).toMatchObject([
      { path: 'data.title' },
      { path: 'data.tags.1' },
    ]);
    expect(await faultsIn('news', [{ title: 'a' }, {}], true)).toMatchObject([{ path: 'messages.1.title' }]);
  });

  it('is refused with eight faults at most, however many there are', async () => {
    expect(
      await faultsIn(
        'news',
        Array.from({ length: 50 }, () => 1),
        true,
      ),
    ).toHaveLength(8);
  });

  it('is in no error of a schema that throws', async () => {
    const broken: StandardSchema = {
      '~standard': {
        version: 1,
        vendor: 'test',
        validate: (value) => {
          throw new Error(`cannot check ${String(value)}`);
        },
      },
    };
    const checking = checkData(readDefinitions({ news: broken }), {
      topic: 'news',
      messages: ['secret'],
      isList: false,
    });

    await expect(checking).rejects.toThrow('The schema of the topic news threw Error.');
    await expect(checking).rejects.not.toThrow('secret');
  });
});

describe('settings of topics', () => {
  it('are those of the most specific pattern, or none', () => {
    const settingsOf = topicSettingsFinder(
      readTopicSettings({ 'news/*': { create: 'server' }, 'news/open/*': { create: 'client' } }),
    );

    expect(settingsOf('news/a')).toEqual({ create: 'server' });
    expect(settingsOf('news/open/a')).toEqual({ create: 'client' });
    expect(settingsOf('other')).toEqual({});
    expect(topicSettingsFinder(undefined)('news/a')).toEqual({});
  });

  it('say how long the messages of a topic are archived', () => {
    const settings = { 'news/*': { retentionHours: 48 }, 'news/state': { lastValueOnly: true } };
    const retentionOf = retentionFinder(topicSettingsFinder(readTopicSettings(settings)), 24);

    expect(['news/a', 'news/state', 'other'].map(retentionOf)).toEqual([172_800, undefined, 86_400]);
  });

  it.each<[unknown, string]>([
    [1, 'must be an object'],
    [{ 'a/*/b': {} }, 'not a topic pattern'],
    [{ news: 1 }, 'must be an object of settings'],
    [{ news: { creat: 'server' } }, 'is not a setting of a topic'],
    [{ news: { create: 'nobody' } }, 'must be one of client, server'],
    [{ news: { retentionHours: 1.5 } }, 'news"].retentionHours must be a whole number from 1 to 8760'],
    [{ news: { retentionHours: 8_761 } }, 'must be a whole number from 1 to 8760'],
    [{ news: { history: -1 } }, 'news"].history must be a whole number from 0 to 100000'],
    [{ news: { history: '5' } }, 'must be a whole number'],
    [{ news: { lastValueOnly: 'yes' } }, 'must be true or false'],
    [{ news: { lastValueOnly: true, history: 5 } }, 'history means nothing beside lastValueOnly'],
    [{ news: { retentionHours: 5, lastValueOnly: true } }, 'retentionHours means nothing beside lastValueOnly'],
    [{ 'counter:*': { history: 5 } }, 'a counter has no messages'],
    [
      Object.fromEntries(Array.from({ length: 200 }, (_, index) => [`topic-${index}`, {}])),
      'past which "topic-143" comes. Use fewer patterns',
    ],
  ])('%j are refused: %s', (value, text) => {
    expect(() => readTopicSettings(value)).toThrow(text);
  });
});
