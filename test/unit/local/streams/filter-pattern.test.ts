import { type Json, RuntimeSetupError } from '../../../../local/model.ts';
import { compileFilters } from '../../../../local/streams/filter-pattern.ts';

const record = {
  eventName: 'INSERT',
  dynamodb: {
    ApproximateCreationDateTime: 1_764_086_400,
    NewImage: {
      topic: { S: 'Room-1' },
      count: { N: '101' },
      empty: { S: '' },
      nothing: { NULL: true },
      tags: { SS: ['x', 'y'] },
    },
  },
  userIdentity: { type: 'Service', principalId: 'dynamodb.amazonaws.com' },
};

const image = (inner: Json): Json => ({ dynamodb: { NewImage: inner } });

describe('Filter patterns', () => {
  it.each<[string, Json, boolean]>([
    ['an exact value', { eventName: ['INSERT'] }, true],
    ['one of several values', { eventName: ['REMOVE', 'INSERT'] }, true],
    ['another value', { eventName: ['REMOVE'] }, false],
    ['all keys', { eventName: ['INSERT'], userIdentity: { type: ['User'] } }, false],
    [
      'the identity of a TTL deletion',
      { userIdentity: { type: ['Service'], principalId: ['dynamodb.amazonaws.com'] } },
      true,
    ],
    ['a typed attribute', image({ topic: { S: ['Room-1'] } }), true],
    ['an attribute without its type', image({ topic: ['Room-1'] }), false],
    ['an empty string', image({ empty: { S: [''] } }), true],
    ['null, which is not absent', image({ missing: { S: [null] } }), false],
    ['a boolean', image({ nothing: { NULL: [true] } }), true],
    ['an element of a set', image({ tags: { SS: ['y'] } }), true],
    ['prefix', image({ topic: { S: [{ prefix: 'Room' }] } }), true],
    ['prefix in other case', image({ topic: { S: [{ prefix: 'room' }] } }), false],
    ['prefix ignoring case', image({ topic: { S: [{ prefix: { 'equals-ignore-case': 'room' } }] } }), true],
    ['suffix', image({ topic: { S: [{ suffix: '-1' }] } }), true],
    ['equals-ignore-case', image({ topic: { S: [{ 'equals-ignore-case': 'ROOM-1' }] } }), true],
    ['anything-but a value', image({ topic: { S: [{ 'anything-but': 'Room-1' }] } }), false],
    ['anything-but a list', image({ topic: { S: [{ 'anything-but': ['a', 'b'] }] } }), true],
    ['anything-but a prefix', image({ topic: { S: [{ 'anything-but': { prefix: 'Room' } }] } }), false],
    ['anything-but of an absent field', image({ missing: { S: [{ 'anything-but': 'a' }] } }), false],
    ['numeric on an attribute, which is a string', image({ count: { N: [{ numeric: ['>', 100] }] } }), false],
    [
      'numeric on the creation time',
      { dynamodb: { ApproximateCreationDateTime: [{ numeric: ['>', 0, '<=', 1_764_086_400] }] } },
      true,
    ],
    ['exists', image({ topic: { S: [{ exists: true }] } }), true],
    ['exists false on a leaf that is there', image({ topic: { S: [{ exists: false }] } }), false],
    ['exists false on a leaf that is not', image({ missing: { S: [{ exists: false }] } }), true],
    ['exists false on an object that is there', image({ topic: [{ exists: false }] }), true],
    ['exists true on an object that is there', image({ topic: [{ exists: true }] }), false],
    ['one of $or', { $or: [{ eventName: ['REMOVE'] }, image({ topic: { S: ['Room-1'] } })] }, true],
    ['none of $or', { $or: [{ eventName: ['REMOVE'] }, { eventName: ['MODIFY'] }] }, false],
    ['a key of Object.prototype', { constructor: ['Object'] }, false],
  ])('decide by %s', (_name, pattern, expected) => {
    const accepts = compileFilters([pattern]);

    expect(accepts(record)).toBe(expected);
  });

  it('let through what any of them matches, and everything when there are none', () => {
    const either = compileFilters([{ eventName: ['REMOVE'] }, { eventName: ['INSERT'] }]);

    expect(either(record)).toBe(true);
    expect(compileFilters([])(record)).toBe(true);
  });

  it.each<[string, Json]>([
    ['a string', 'single-string'],
    ['an array', [{ eventName: ['INSERT'] }]],
    ['an empty object', {}],
    ['a leaf that is no array', { eventName: 'INSERT' }],
    ['an empty array', { eventName: [] }],
    ['an unknown operator', { eventName: [{ sounds: 'x' }] }],
    ['an operator of Object.prototype', { eventName: [{ constructor: 'x' }] }],
    ['two operators in one', { eventName: [{ prefix: 'a', suffix: 'b' }] }],
    ['half a comparison', { eventName: [{ numeric: ['>'] }] }],
    ['$or of one', { $or: [{ eventName: ['INSERT'] }] }],
    ['an array in an array', { eventName: [['INSERT']] }],
  ])('are refused at the start when they are %s', (_name, pattern) => {
    expect(() => compileFilters([pattern])).toThrow(RuntimeSetupError);
  });
});
