import { LIMITS } from '../../../../shared/protocol/limits.ts';
import {
  COUNTER_PATTERN,
  counterName,
  counterTopic,
  DEFAULT_TOPICS,
  isCounterTopic,
  isTopic,
} from '../../../../shared/protocol/topic.ts';
import { CONNECTION_RECORD, keyId, PING_RECORD, topicShard } from '../../../../shared/store/schema.ts';

describe('a topic name', () => {
  it.each([
    'a',
    '0',
    'A-Z_a.z:0/9',
    'a//b',
    '__proto',
    '__proto__/a',
    'a/__proto__',
    'counter:a',
    'counter:counter:',
    'counters:',
    'my/counter:',
    '.',
    'x'.repeat(LIMITS.TOPIC_LENGTH),
  ])('may be %s', (name) => {
    expect(isTopic(name)).toBe(true);
  });

  it.each([
    '',
    '/',
    '/a',
    'a/',
    '__proto__',
    'counter:',
    'counter:/a',
    'counter:__proto__',
    'a b',
    'a#b',
    '@a',
    'a*',
    'ä',
    'a\n',
    '\ta',
    'x'.repeat(LIMITS.TOPIC_LENGTH + 1),
  ])('may not be %j', (name) => {
    expect(isTopic(name)).toBe(false);
  });

  it.each(['a', 'a//b', '__proto', '__proto__/a', 'a/__proto__', 'votes.1'])(
    'may be that of the counter %s',
    (name) => {
      expect(COUNTER_PATTERN.test(name)).toBe(true);
      expect(isTopic(counterTopic(name))).toBe(true);
    },
  );

  it.each(['', '/a', 'a/', '__proto__', 'a b', 'a#', 'a\n'])('may not be that of the counter %j', (name) => {
    expect(COUNTER_PATTERN.test(name)).toBe(false);
    expect(isTopic(counterTopic(name))).toBe(false);
  });

  it('tells counters from other topics', () => {
    expect(['counter:a', 'counter:', 'counters', 'my/counter:a'].map(isCounterTopic)).toEqual([
      true,
      true,
      false,
      false,
    ]);
    expect(counterName(counterTopic('votes/a'))).toBe('votes/a');
  });

  it('is that of each default topic', () => {
    expect(DEFAULT_TOPICS).toEqual(['everyone', 'counter:global-counter']);
    expect(DEFAULT_TOPICS.every(isTopic)).toBe(true);
  });

  it("cannot be mistaken for a connection's own record, nor make two keys one", () => {
    expect([CONNECTION_RECORD, PING_RECORD].some(isTopic)).toBe(false);
    expect([topicShard('a', 0), keyId('a', 'b#c')].some(isTopic)).toBe(false);
    expect(keyId('a', 'b#c').split('#')[0]).toBe('a');
  });
});
