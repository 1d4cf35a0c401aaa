import type { AttributeValue } from 'aws-lambda';
import fc from 'fast-check';
import { compileFilters } from '../../local/streams/filter-pattern.ts';
import type { Condition, When } from '../../shared/from-table/conditions.ts';
import { filterPatternsOf } from '../../shared/from-table/filter-patterns.ts';
import { exactNumber } from '../../shared/from-table/item-json.ts';
import { publishRecords, type PublishRecordsDeps } from '../../shared/from-table/publish-records.ts';
import { readTableRecord } from '../../shared/from-table/table-record.ts';
import { isWanted, openSource, TABLE_EVENTS, type TableEvent } from '../../shared/from-table/table-source.ts';
import { fillTemplate, parseTemplate } from '../../shared/from-table/topic-template.ts';
import { createNewest } from '../../shared/newest.ts';
import { isTopic } from '../../shared/protocol/topic.ts';
import { orderRecord, orderSource } from '../helpers/table-records.ts';

describe('a topic template, with any values', () => {
  const value = fc.oneof(fc.stringMatching(/^[A-Za-z0-9_.:/-]{1,12}$/), fc.string());

  it('gives a valid topic or none, and two items with different values never one topic', () => {
    const template = parseTemplate('order:{a}/{b}');
    fc.assert(
      fc.property(fc.tuple(value, value), fc.tuple(value, value), (one, other) => {
        const [first, second] = [one, other].map(([a, b]) => fillTemplate(template, { a: { S: a }, b: { S: b } }));
        const topics = [first, second].flatMap((filled) =>
          filled !== undefined && 'topic' in filled ? filled.topic : [],
        );

        expect(topics.every(isTopic)).toBe(true);
        if (topics.length === 2 && JSON.stringify(one) !== JSON.stringify(other)) expect(topics[0]).not.toBe(topics[1]);
      }),
    );
  });
});

/** The condition's operand and the item's value are of few values, so that they meet. */
const text = fc.constantFrom('', 'a', 'ab', 'b', '1', '7');
const whole = fc.integer({ min: -2, max: 2 });
const scalar = fc.oneof(text, whole, fc.boolean(), fc.constant(null));
const condition: fc.Arbitrary<Condition> = fc.oneof(
  scalar,
  fc.record({ prefix: fc.constantFrom('a', 'ab', '1') }),
  fc.record({ exists: fc.boolean() }),
  fc.record({ numeric: fc.tuple(fc.constantFrom('=', '<', '<=', '>', '>='), whole) }),
  fc.record({ 'anything-but': fc.array(scalar, { minLength: 1, maxLength: 3 }) }),
);
const when: fc.Arbitrary<When> = fc.dictionary(
  fc.constantFrom('x', 'y'),
  fc.array(condition, { minLength: 1, maxLength: 3 }),
);
const attribute: fc.Arbitrary<AttributeValue> = fc.oneof(
  text.map((S) => ({ S })),
  whole.map((number) => ({ N: String(number) })),
  fc.boolean().map((BOOL) => ({ BOOL })),
  fc.constant<AttributeValue>({ NULL: true }),
  fc.constant<AttributeValue>({ L: [{ S: 'a' }] }),
  fc.constant<AttributeValue>({ M: { S: { S: 'a' } } }),
);
const item = fc.dictionary(fc.constantFrom('x', 'y', 'z'), attribute);
const events = fc.subarray([...TABLE_EVENTS], { minLength: 1 });

describe('the filters of a mapping, with any conditions', () => {
  it('let through every record that the source asks for', () => {
    fc.assert(
      fc.property(
        when,
        fc.record({ on: events, eventName: fc.constantFrom<TableEvent>(...TABLE_EVENTS) }),
        item,
        (conditions, { on, eventName }, attributes) => {
          const record = orderRecord({ id: 'o1', place: 1, eventName, item: attributes });
          const read = readTableRecord(record);
          const source = openSource({ topic: 'orders', on, when: conditions, project: [] });
          const isAsked = !('fault' in read) && isWanted(source, read);

          const isPassed = compileFilters(JSON.parse(JSON.stringify(filterPatternsOf({ on, when: conditions }))))(
            record,
          );

          if (isAsked) expect(isPassed).toBe(true);
          if (!on.includes(eventName)) expect(isPassed).toBe(false);
        },
      ),
      { numRuns: 2_000 },
    );
  });
});

/** Returns a decimal number without an exponent as a whole number of its 40th decimals. */
function scaled(decimal: string): bigint {
  const [whole = '', fraction = ''] = decimal.split('.');
  return BigInt(`${whole}${fraction.padEnd(40, '0')}`);
}

describe('a number of DynamoDB, with any digits', () => {
  it('is a number that shows every digit of it, or a text of its digits', () => {
    const digits = fc.stringMatching(/^-?(0|[1-9][0-9]{0,18})(\.[0-9]{1,15}[1-9])?$/);
    fc.assert(
      fc.property(digits, (written) => {
        const shown = exactNumber(written);
        fc.pre(!String(shown).includes('e'));

        expect(scaled(String(shown))).toBe(scaled(written));
        if (typeof shown === 'string')
          expect(scaled(BigInt(Math.trunc(Number(written))).toString())).not.toBe(scaled(written));
      }),
    );
  });
});

/** A step of a run: the writes that fail, by their place, and whether the Lambda is killed after so many writes. */
const trouble = fc.record({
  failing: fc.array(fc.integer({ min: 0, max: 40 }), { maxLength: 6 }),
  killedAfter: fc.option(fc.integer({ min: 0, max: 20 }), { nil: undefined }),
  isCold: fc.boolean(),
});

describe('a stream of a table’s records, with any failures and kills', () => {
  const items = fc.array(fc.constantFrom('a', 'b', 'c', 'd'), { minLength: 1, maxLength: 40 });

  it('is published once each, in the order of each item, and none is missing', async () => {
    await fc.assert(
      fc.asyncProperty(items, fc.array(trouble, { maxLength: 8 }), async (ids, troubles) => {
        const records = ids.map((id, place) =>
          orderRecord({
            id,
            place,
            item: { customer: { S: place % 3 === 0 ? 'x' : id }, status: { N: String(place) } },
          }),
        );
        const written = new Map<string, number>();
        const kept: string[] = [];
        let memory = createNewest<string, true>(100);

        let due: readonly (typeof records)[number][] = records;
        for (const step of [...troubles, { failing: [], killedAfter: undefined, isCold: true }]) {
          if (step.isCold) memory = createNewest(100);
          let writes = 0;
          const killed = Promise.withResolvers<'killed'>();
          const deps: PublishRecordsDeps = {
            source: orderSource(),
            publish: async ({ messages }, key = '') => {
              await Promise.resolve();
              const place = Number(JSON.parse(messages[0] ?? '').item.status);
              if (writes === step.killedAfter) killed.resolve('killed');
              if (step.killedAfter !== undefined && writes >= step.killedAfter) return new Promise(() => undefined);
              writes += 1;
              if (step.failing.includes(place)) throw new Error('away');
              if (!written.has(key)) written.set(key, place);
              return { epoch: 'e1', seq: 1 };
            },
            keyOf: ({ eventId }) => eventId,
            published: memory,
            keep: async (_record, fault) => void kept.push(fault),
            remainingMs: () => 60_000,
            report: () => undefined,
          };
          const end = await Promise.race([publishRecords(deps, due).catch(() => 0), killed.promise]);
          // A kill ends the memory of the warm Lambda, too; its batch comes again as a whole.
          if (end === 'killed') memory = createNewest(100);
          else due = end === undefined ? [] : due.slice(end);
        }

        const order = [...written.values()];
        expect(order.toSorted((a, b) => a - b)).toEqual(ids.map((_id, place) => place));
        for (const id of new Set(ids)) {
          const own = order.filter((place) => ids[place] === id);
          expect(own).toEqual(own.toSorted((a, b) => a - b));
        }
        expect(kept).toEqual([]);
      }),
    );
  });
});
