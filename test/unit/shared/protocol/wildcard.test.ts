import { isWildcard, wildcardsOver } from '../../../../shared/protocol/wildcard.ts';

describe('a wildcard', () => {
  it.each(['news/*', 'a/b/c/d/*', 'room:*', 'a:b/*', '__proto__/*', ':*', 'a//*', `${'x'.repeat(126)}/*`])(
    'may be %s',
    (text) => {
      expect(isWildcard(text)).toBe(true);
    },
  );

  it.each([
    '*',
    'news',
    'news*',
    'news/**',
    'news/*/x',
    '/*',
    '/news/*',
    'a/b/c/d/e/*',
    'counter:*',
    'counter:a/*',
    'ä/*',
    '',
    `${'x'.repeat(127)}/*`,
  ])('may not be %j', (text) => {
    expect(isWildcard(text)).toBe(false);
  });

  it.each([
    ['news', []],
    ['news/a', ['news/*']],
    ['a/b:c', ['a/*', 'a/b:*']],
    ['a/b/c/d/e/f', ['a/*', 'a/b/*', 'a/b/c/*', 'a/b/c/d/*']],
    ['counter:a/b', []],
    ['room:', []],
  ])('lies over a topic: over %s lie %j', (topic, wildcards) => {
    expect(wildcardsOver(topic)).toEqual(wildcards);
  });
});
