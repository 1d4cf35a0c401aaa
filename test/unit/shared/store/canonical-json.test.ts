import { canonicalJson, ORDERED_DEPTH } from '../../../../shared/store/canonical-json.ts';

const nested = (depth: number, inner: string): string => `${'['.repeat(depth)}${inner}${']'.repeat(depth)}`;

describe('canonicalJson', () => {
  it.each([
    ['{"b":2,"a":1}', '{"a":1,"b":2}'],
    ['[{"b":{"d":1,"c":[{"f":1,"e":2}]},"a":null}]', '[{"a":null,"b":{"c":[{"e":2,"f":1}],"d":1}}]'],
    ['{"é":1,"z":2,"10":3,"9":4,"":5}', '{"9":4,"10":3,"":5,"z":2,"é":1}'],
    ['{"b":1,"__proto__":{"d":1,"c":2}}', '{"__proto__":{"c":2,"d":1},"b":1}'],
  ])('puts the members of %s in order', (json, expected) => {
    expect(canonicalJson(json)).toBe(expected);
  });

  it.each(['1', '"{"', 'null', '[2,1]', '{"a":"b"}', '"a"'])('leaves %s as it is', (json) => {
    expect(canonicalJson(json)).toBe(json);
  });

  it('bounds its recursion, and keeps what is deeper as it is', () => {
    const members = '{"b":1,"a":2}';

    expect(canonicalJson(nested(ORDERED_DEPTH - 1, members))).toBe(nested(ORDERED_DEPTH - 1, '{"a":2,"b":1}'));
    for (const depth of [ORDERED_DEPTH, 2_000])
      expect(canonicalJson(nested(depth, members))).toBe(nested(depth, members));
  });
});
