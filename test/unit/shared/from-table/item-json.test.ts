import { exactNumber, jsonOf } from '../../../../shared/from-table/item-json.ts';

describe('an item as JSON', () => {
  it('has the projected attributes that it has, whatever their type', () => {
    const item = {
      text: { S: 'a' },
      number: { N: '1.5' },
      flag: { BOOL: false },
      none: { NULL: true },
      list: { L: [{ S: 'a' }, { N: '1' }] },
      map: { M: { inner: { NS: ['1', '12345678901234567890'] } } },
      texts: { SS: ['a', 'b'] },
      secret: { S: 'never' },
    };

    expect(jsonOf(item, ['text', 'number', 'flag', 'none', 'list', 'map', 'texts', 'absent', 'constructor'])).toEqual({
      text: 'a',
      number: 1.5,
      flag: false,
      none: null,
      list: ['a', 1],
      map: { inner: [1, '12345678901234567890'] },
      texts: ['a', 'b'],
    });
  });

  it('has binary values as the base64 texts of the event', () => {
    const image: Parameters<typeof jsonOf>[0] = JSON.parse('{"bytes":{"B":"AQI="},"many":{"BS":["AQ==","Ag=="]}}');

    expect(jsonOf(image, ['bytes', 'many'])).toEqual({ bytes: 'AQI=', many: ['AQ==', 'Ag=='] });
  });
});

describe('a number', () => {
  it.each([
    ['0', 0],
    ['-7', -7],
    ['19.99', 19.99],
    ['9007199254740991', Number.MAX_SAFE_INTEGER],
    ['0.30000000000000004', 0.30000000000000004],
    ['100000000000000000000', 1e20],
    ['1E-130', 1e-130],
    ['9007199254740993', '9007199254740993'],
    ['12345678901234567890123456789012345678', '12345678901234567890123456789012345678'],
    ['0.1234567890123456789', '0.1234567890123456789'],
  ])('%s becomes %j: its digits where a double would round it', (digits, expected) => {
    expect(exactNumber(digits)).toBe(expected);
  });
});
