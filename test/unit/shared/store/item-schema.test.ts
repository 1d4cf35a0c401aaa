import { decodeItem, encodeItem } from '../../../../shared/store/attributes.ts';
import { decodeCatchUpRequest } from '../../../../shared/store/catch-up-request.ts';
import { decodeHead } from '../../../../shared/store/head.ts';
import {
  flag,
  lenient,
  listOf,
  mapOf,
  mapWith,
  optional,
  text,
  where,
  wholeNumber,
} from '../../../../shared/store/item-schema.ts';
import { decodePresence } from '../../../../shared/store/presence.ts';
import { findStamp } from '../../../../shared/store/operator-catch-up.ts';
import { decodeShards, isGrowth } from '../../../../shared/store/topic-shards.ts';

const NULL = { NULL: true } as const;
const BAD = expect.objectContaining({ name: 'BadRecordError' });

describe('a whole number', () => {
  it.each(['9007199254740992', '9007199254740993', '-9007199254740993', '1e20', '1.5'])(
    'that JavaScript does not hold exactly, %s, is refused and not rounded',
    (number) => {
      expect(() => decodeItem({ seq: wholeNumber }, { seq: { N: number } })).toThrow(BAD);
    },
  );

  it('is decoded up to the last that JavaScript holds exactly', () => {
    expect(decodeItem({ seq: wholeNumber }, { seq: { N: '9007199254740991' } })).toEqual({ seq: 9007199254740991 });
  });

  it('that is stored as a string is refused', () => {
    expect(() => decodeItem({ seq: wholeNumber }, { seq: { S: '1' } })).toThrow('attribute seq is not a whole number');
  });
});

describe('an item', () => {
  const SHAPE = {
    name: text,
    note: optional(text),
    count: optional(wholeNumber),
    isOn: flag,
    mark: lenient(text),
    map: mapOf(wholeNumber),
  } as const;

  it('lacks after decoding what it lacked before, but for flags and maps', () => {
    const decoded = decodeItem(SHAPE, { name: { S: 'a' } });

    expect(decoded).toStrictEqual({ name: 'a', isOn: false, map: new Map() });
  });

  it('is decoded by the attributes of its shape: others may have any type', () => {
    const item = { name: { S: 'a' }, foreign: { NS: ['1'] }, other: { N: '1e400' } };

    expect(decodeItem(SHAPE, item)).toMatchObject({ name: 'a' });
  });

  it.each(['name', 'note', 'count'])('whose %s is NULL is refused: NULL is not missing', (attribute) => {
    expect(() => decodeItem(SHAPE, { name: { S: 'a' }, [attribute]: NULL })).toThrow(`attribute ${attribute} is not`);
  });

  it('whose NULL stands for a flag, a map or a lenient attribute is decoded as if it were missing', () => {
    const item = { name: { S: 'a' }, isOn: NULL, mark: NULL, map: NULL };

    expect(decodeItem(SHAPE, item)).toStrictEqual({ name: 'a', isOn: false, map: new Map() });
  });

  it('is refused by the path of the attribute that is wrong', () => {
    const nested = { list: listOf(mapWith({ at: where(wholeNumber, (at) => at > 0, 'is not positive') })) };
    const item = encodeItem({ list: [{ at: 1 }, { at: 0 }] });

    expect(() => decodeItem(nested, item)).toThrow('attribute list.1.at is not positive');
  });

  it('keeps a map whose keys are names of an object’s own properties', () => {
    const map = new Map([
      ['constructor', 1],
      ['toString', 2],
    ]);

    expect(decodeItem({ map: mapOf(wholeNumber) }, encodeItem({ map }))).toEqual({ map });
  });

  it('is encoded without what is undefined', () => {
    expect(encodeItem({ a: 'x', b: undefined, c: 0, d: { e: undefined } })).toEqual({
      a: { S: 'x' },
      c: { N: '0' },
      d: { M: {} },
    });
  });
});

describe('of a head', () => {
  const image = encodeItem({ topic: 'news', seq: 1, epoch: 'e1', publishedAt: 0, message: '1' });

  it.each(['topic', 'seq', 'epoch', 'publishedAt', 'message', 'messages', 'exclude', 'value'])(
    'a NULL %s is refused',
    (attribute) => {
      expect(() => decodeHead({ ...image, [attribute]: NULL })).toThrow(BAD);
    },
  );

  it('a NULL trace id is left out', () => {
    expect(decodeHead({ ...image, traceId: NULL })).toStrictEqual(decodeHead(image));
  });

  it('NULL shards are refused, and missing ones are one', () => {
    expect(() => decodeShards({ ...image, shards: NULL })).toThrow(BAD);
    expect(decodeShards(image)).toBe(1);
  });

  it('a NULL seq of its growth is refused, and a missing one is no growth', () => {
    expect(() => isGrowth({ ...image, grownAt: NULL })).toThrow(BAD);
    expect(isGrowth(image)).toBe(false);
  });
});

describe('of a record of a connection', () => {
  const row = encodeItem({ connectionId: 'A', connectedAt: 1, topic: 'news', topicShard: 'news#0', request: 'r1' });

  it.each(['connectionId', 'connectedAt', 'topic', 'topicShard', 'position', 'history'])(
    'a NULL %s is refused by the catch-up',
    (attribute) => {
      expect(() => decodeCatchUpRequest({ ...row, [attribute]: NULL })).toThrow(BAD);
    },
  );

  it.each(['connectionId', 'connectedAt', 'topic'])('a NULL %s is refused by presence', (attribute) => {
    expect(() => decodePresence({ ...row, [attribute]: NULL }, { became: 'new' })).toThrow(BAD);
  });

  it.each(['connectionId', 'topic', 'request'])('a NULL %s is no stamp of a catch-up', (attribute) => {
    expect(findStamp({ ...row, [attribute]: NULL })).toBeUndefined();
  });
});
