import { isTopicPattern, matchesPattern, withSubject } from '../../../../shared/auth/topic-pattern.ts';

describe('a topic pattern', () => {
  it.each([
    ['news', 'news'],
    ['news/*', 'news/a'],
    ['news/*', 'news/a/b'],
    ['counter:*', 'counter:votes'],
    ['*', 'anything/at:all'],
  ])('%s matches %s', (pattern, name) => {
    expect(matchesPattern(pattern, name)).toBe(true);
  });

  it.each([
    ['news', 'news/a'],
    ['news', 'newspaper'],
    ['news/*', 'news'],
    ['news/*', 'news/'],
    ['news/*', 'newspaper/a'],
    ['news/*', 'old/news/a'],
    ['news/*', 'NEWS/a'],
    ['*', ''],
  ])('%s does not match %s', (pattern, name) => {
    expect(matchesPattern(pattern, name)).toBe(false);
  });

  it.each(['*', 'news', 'news/*', 'a/b/c', 'counter:*', 'a.b-c_d'])('may be %s', (pattern) => {
    expect(isTopicPattern(pattern)).toBe(true);
  });

  it.each(['', '/news', 'news/', '**', 'news*', 'n*ws', '*/news', 'news/**', 'a b', 'ä', 'news/*/x', '${sub}'])(
    'may not be %j',
    (pattern) => {
      expect(isTopicPattern(pattern)).toBe(false);
    },
  );
});

describe('the subject in a topic pattern', () => {
  it('takes the place of each ${sub}', () => {
    expect(withSubject('user/${sub}/to/${sub}', 'ann')).toBe('user/ann/to/ann');
  });

  it('is not read as a replacement pattern', () => {
    expect(withSubject('user/${sub}/*', '$&')).toBeUndefined();
  });

  it.each(['*', 'ann/*', 'a/b', 'a:b', '', 'auth0|ann', '..\n', 'ä', '${sub}'])('is not %j', (subject) => {
    expect(withSubject('user/${sub}/*', subject)).toBeUndefined();
  });

  it('may be any text where the pattern does not name it', () => {
    expect(withSubject('news/*', 'auth0|ann')).toBe('news/*');
  });

  it('does not make a pattern of what is none', () => {
    expect(withSubject('news*', 'ann')).toBeUndefined();
  });
});
