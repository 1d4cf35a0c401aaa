import { fulfils } from '../../../../shared/from-table/conditions.ts';
import { filterPatternsOf } from '../../../../shared/from-table/filter-patterns.ts';
import type { When } from '../../../../shared/from-table/conditions.ts';
import type { Item } from '../../../../shared/store/attributes.ts';

const CASES: readonly (readonly [When, Item, boolean])[] = [
  [{}, {}, true],
  [{ status: ['paid'] }, { status: { S: 'paid' } }, true],
  [{ status: ['paid', 'sent'] }, { status: { S: 'sent' } }, true],
  [{ status: ['paid'] }, { status: { S: 'open' } }, false],
  [{ status: ['paid'] }, {}, false],
  [{ status: ['7'] }, { status: { N: '7' } }, false],
  [{ total: [7] }, { total: { N: '7' } }, true],
  [{ total: [7] }, { total: { N: '7.0' } }, true],
  [{ isTest: [false] }, { isTest: { BOOL: false } }, true],
  [{ isTest: [false] }, { isTest: { BOOL: true } }, false],
  [{ note: [null] }, { note: { NULL: true } }, true],
  [{ note: [null] }, {}, false],
  [{ sku: [{ prefix: 'A-' }] }, { sku: { S: 'A-1' } }, true],
  [{ sku: [{ prefix: 'A-' }] }, { sku: { S: 'B-1' } }, false],
  [{ deletedAt: [{ exists: false }] }, {}, true],
  [{ deletedAt: [{ exists: false }] }, { deletedAt: { N: '1' } }, false],
  [{ lines: [{ exists: true }] }, { lines: { L: [] } }, true],
  [{ total: [{ numeric: ['>=', 10] }] }, { total: { N: '10' } }, true],
  [{ total: [{ numeric: ['>', 10, '<=', 20] }] }, { total: { N: '20.5' } }, false],
  [{ total: [{ numeric: ['>', 10, '<=', 20] }] }, { total: { N: '11' } }, true],
  [{ total: [{ numeric: ['>=', 10] }] }, { total: { S: '10' } }, false],
  [{ status: [{ 'anything-but': ['draft'] }] }, { status: { S: 'paid' } }, true],
  [{ status: [{ 'anything-but': ['draft'] }] }, { status: { S: 'draft' } }, false],
  [{ status: [{ 'anything-but': ['draft'] }] }, {}, false],
  [{ status: ['paid'], total: [{ numeric: ['>', 1] }] }, { status: { S: 'paid' }, total: { N: '1' } }, false],
  [{ constructor: [{ exists: true }] }, {}, false],
];

describe('the conditions of a source', () => {
  it.each(CASES)('%j of %j: %s', (when, item, expected) => {
    expect(fulfils(when, item)).toBe(expected);
  });
});

describe('the filters of the mapping', () => {
  it('name the events, and the images that the conditions are about', () => {
    const patterns = filterPatternsOf({ on: ['MODIFY', 'REMOVE'], when: { status: ['paid', { prefix: 's' }] } });

    expect(patterns).toEqual([
      { eventName: ['MODIFY'], dynamodb: { NewImage: { status: { S: ['paid', { prefix: 's' }] } } } },
      { eventName: ['REMOVE'], dynamodb: { OldImage: { status: { S: ['paid', { prefix: 's' }] } } } },
    ]);
  });

  it('compare whole numbers as DynamoDB writes them, flags and nulls', () => {
    const [pattern] = filterPatternsOf({ on: ['INSERT'], when: { n: [7, -1], flag: [true], none: [null] } });

    expect(pattern).toEqual({
      eventName: ['INSERT'],
      dynamodb: { NewImage: { n: { N: ['7', '-1'] }, flag: { BOOL: [true] }, none: { NULL: [true] } } },
    });
  });

  it.each<[string, When]>([
    ['ranges', { total: [{ numeric: ['>', 1] }] }],
    ['existence', { total: [{ exists: true }] }],
    ['exceptions', { total: [{ 'anything-but': ['a'] }] }],
    ['fractions', { total: [0.5] }],
    ['values of two types', { total: ['a', 7] }],
  ])('leave %s to the function', (_what, when) => {
    expect(filterPatternsOf({ on: ['INSERT'], when })).toEqual([{ eventName: ['INSERT'] }]);
  });
});
