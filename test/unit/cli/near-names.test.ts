import fc from 'fast-check';
import { describeUnknownTopic, nearNames } from '../../../cli/near-names.ts';

describe('the names that a misspelt one may mean', () => {
  it.each([
    ['nwes', ['news', 'sport'], ['news']],
    ['News', ['news'], ['news']],
    ['final/stadum', ['final/stadium', 'final/goal'], ['final/stadium']],
    ['votes', ['counter:votes'], []],
    ['a', ['b', 'c'], []],
    ['newz', ['newt', 'news', 'newsy', 'new', 'nets'], ['newt', 'news', 'new']],
  ])('of %s among %j are %j', (name, names, near) => {
    expect(nearNames(name, names)).toEqual(near);
  });

  it('are found however one character is lost', () => {
    const property = fc.property(fc.stringMatching(/^[a-z/]{4,40}$/), fc.nat(39), (name, at) => {
      const lost = name.slice(0, at % name.length) + name.slice((at % name.length) + 1);
      return nearNames(lost, ['0000000000', name]).includes(name);
    });

    fc.assert(property);
  });

  it('are said, if there are any', () => {
    expect(describeUnknownTopic('nwes', ['news', 'nets'])).toBe(
      'Nobody has published to nwes. Did you mean news or nets?',
    );
    expect(describeUnknownTopic('nwes', [])).toBe('Nobody has published to nwes.');
  });
});
