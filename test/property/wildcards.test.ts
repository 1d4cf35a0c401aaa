import fc from 'fast-check';
import { haveCommonName, isTopicPattern, matchesPattern } from '../../shared/auth/topic-pattern.ts';
import { LIMITS } from '../../shared/protocol/limits.ts';
import { isTopic } from '../../shared/protocol/topic.ts';
import { isUnder, isWildcard, rootsOf, subscriptionTo, wildcardsOver } from '../../shared/protocol/wildcard.ts';

const segment = fc.constantFrom('', 'a', 'b', 'ab', 'counter', '.', 'A-_9');
const separator = fc.constantFrom('/', ':');

/** Texts of a few segments, so that one often lies under another. */
const name = fc
  .tuple(segment, fc.array(fc.tuple(separator, segment), { maxLength: 7 }))
  .map(([first, rest]) => first + rest.flat().join(''));
const topic = name.filter(isTopic);
const wildcard = fc
  .tuple(name, separator)
  .map(([start, end]) => `${start}${end}*`)
  .filter(isWildcard);
const pattern = fc.oneof(topic, wildcard, fc.constant('*'));

/** Whether a topic lies under a wildcard, by each of its characters. */
function liesUnder(each: string, over: string): boolean {
  const start = over.split('').slice(0, -1);
  return each.length > start.length && start.every((character, index) => each[index] === character);
}

describe('wildcards', () => {
  test('mean what topic patterns mean, but for counters, under which none lies', () => {
    fc.assert(
      fc.property(topic, wildcard, (each, over) => {
        expect(isUnder(each, over)).toBe(liesUnder(each, over));
        expect(matchesPattern(over, each)).toBe(liesUnder(each, over));
        expect(wildcardsOver(each).includes(over)).toBe(liesUnder(each, over));
      }),
    );
  });

  test('over a topic are at most four, each a wildcard that it lies under, and of one root each', () => {
    fc.assert(
      fc.property(topic, (each) => {
        const found = wildcardsOver(each);

        expect(found.length).toBeLessThan(LIMITS.WILDCARD_SEGMENTS);
        expect(found.every((over) => isWildcard(over) && isTopicPattern(over) && liesUnder(each, over))).toBe(true);
        expect(new Set(found.map((over) => rootsOf(over)[0])).size).toBe(found.length);
      }),
    );
  });

  test('have the roots of their own first segment and number of separators', () => {
    fc.assert(
      fc.property(wildcard, wildcard, (one, other) => {
        const partsOf = (each: string) => each.split(/(?<=[/:])/);
        const isAlike = partsOf(one)[0] === partsOf(other)[0] && partsOf(one).length === partsOf(other).length;

        expect(rootsOf(one)[0] === rootsOf(other)[0]).toBe(isAlike);
        expect(rootsOf(one)[1] === rootsOf(other)[1]).toBe(partsOf(one).length === partsOf(other).length);
      }),
    );
  });

  test('are matched by a pattern if it matches all topics under them, and overlap it if it matches some', () => {
    fc.assert(
      fc.property(pattern, wildcard, fc.array(topic, { minLength: 20, maxLength: 40 }), (by, over, topics) => {
        const start = over.slice(0, -1);
        const under = [...topics, ...topics.map((each) => start + each), `${start}x`].filter((each) =>
          isUnder(each, over),
        );
        const matched = under.filter((each) => matchesPattern(by, each));

        if (matchesPattern(by, over)) expect(matched).toEqual(under);
        else expect(under.every((each) => matchesPattern(by, each))).toBe(false);
        if (matched.length > 0) expect(haveCommonName(by, over)).toBe(true);
        if (!haveCommonName(by, over)) expect(matched).toEqual([]);
      }),
    );
  });

  test('give a topic to who has not subscribed to it', () => {
    fc.assert(
      fc.property(topic, fc.array(fc.oneof(topic, wildcard)), (each, subscriptions) => {
        const found = subscriptionTo(each, new Set(subscriptions));
        const fitting = subscriptions.filter((one) => one === each || (one.endsWith('*') && liesUnder(each, one)));

        if (fitting.includes(each)) expect(found).toBe(each);
        else if (fitting.length === 0) expect(found).toBeUndefined();
        else expect(fitting).toContain(found);
      }),
    );
  });
});
