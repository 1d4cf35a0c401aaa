import { fromContext, toContext } from '../../../../shared/auth/authorizer-context.ts';
import { needsOf } from '../../../../shared/auth/needs.ts';
import { checkNeeds, type Principal, NO_PERMISSIONS } from '../../../../shared/auth/permissions.ts';
import { permissionsFromClaims } from '../../../../shared/auth/policy.ts';
import { ClientError } from '../../../../shared/errors.ts';

const END = 1_800_000_000_000;
const ANN: Principal = {
  subject: 'ann',
  tokenEnd: END,
  permissions: { subscribe: ['news/*'], publish: ['news/ann'], count: ['votes'], presence: [] },
  revoked: [],
  seen: 0,
  checkedAt: END - 60_000,
};

function refusalOf(act: () => void): ClientError {
  try {
    act();
  } catch (error) {
    if (error instanceof ClientError) return error;
  }
  throw new Error('It was not refused.');
}

describe('the needs of a frame', () => {
  it.each([
    [{ action: 'subscribe', topic: 'news' }, ['subscribe news']],
    [{ action: 'subscribe', topic: 'news', presence: true }, ['subscribe news', 'presence news']],
    [{ action: 'unsubscribe', topic: 'news' }, []],
    [{ action: 'publish', topic: 'news', data: 1 }, ['publish news']],
    [{ action: 'onMessage', message: 1 }, ['publish everyone']],
    [{ action: 'plus' }, ['count global-counter']],
    [{ action: 'minus', counter: 'votes' }, ['count votes']],
    [{ action: 'ping' }, []],
    [{ action: 'ping', positions: { a: { epoch: null, seq: 0 } } }, ['subscribe a']],
  ] as const)('%j needs %j', (frame, needs) => {
    expect(needsOf(frame).map(({ action, name }) => `${action} ${name}`)).toEqual(needs);
  });
});

describe('a principal', () => {
  it('lets what its permissions name pass', () => {
    const needs = [
      { action: 'subscribe', name: 'news/a' },
      { action: 'publish', name: 'news/ann' },
      { action: 'count', name: 'votes' },
    ] as const;

    expect(() => checkNeeds(ANN, needs, END - 1)).not.toThrow();
  });

  it('refuses the first action that it does not permit, by its name and its topic', () => {
    const needs = [
      { action: 'subscribe', name: 'news/a' },
      { action: 'publish', name: 'news/bob' },
    ] as const;
    const error = refusalOf(() => checkNeeds(ANN, needs, END - 1));

    expect(error).toMatchObject({
      code: 'forbidden',
      message: 'The token does not permit publish on news/bob.',
      details: [{ path: 'topic', reason: 'publish is not permitted' }],
    });
  });

  it('does not permit one action by another', () => {
    const error = refusalOf(() => checkNeeds(ANN, [{ action: 'presence', name: 'news/a' }], END - 1));

    expect(error.code).toBe('forbidden');
  });

  it.each([
    ['subscribe', 'news/a', ['news/*']],
    ['publish', 'news/ann', ['news/ann']],
    ['count', 'votes', ['votes']],
    ['count', 'votes', ['counter:*']],
    ['subscribe', 'news/a', ['other', '*']],
  ] as const)('does not permit to %s %s any more after the revocation of %j', (action, name, revoked) => {
    const needs = [{ action, name }];

    expect(() => checkNeeds(ANN, needs, END - 1)).not.toThrow();
    expect(refusalOf(() => checkNeeds({ ...ANN, revoked }, needs, END - 1)).code).toBe('forbidden');
  });

  it('keeps what a revocation does not name', () => {
    const needs = [{ action: 'subscribe', name: 'news/a' }] as const;

    expect(() => checkNeeds({ ...ANN, revoked: ['news/b', 'news', 'counter:*'] }, needs, END - 1)).not.toThrow();
  });

  it('permits nothing from the token’s end on', () => {
    expect(() => checkNeeds(ANN, [], END - 1)).not.toThrow();
    expect(refusalOf(() => checkNeeds(ANN, [], END)).code).toBe('token-expired');
  });
});

describe('the authorizer’s context', () => {
  it('carries a profile, if there is one', () => {
    const profile = '{"name":"Ann"}';

    expect(fromContext(toContext({ ...ANN, profile }))).toEqual({ ...ANN, profile });
    expect(toContext(ANN)).not.toHaveProperty('profile');
  });

  it('carries a principal', () => {
    expect(fromContext({ ...toContext(ANN), principalId: 'ann', integrationLatency: 7 })).toEqual(ANN);
  });

  it('carries it as well where API Gateway makes texts of numbers', () => {
    expect(
      fromContext({ ...toContext(ANN), tokenEnd: String(END), seen: '0', checkedAt: String(ANN.checkedAt) }),
    ).toEqual(ANN);
  });

  it.each([
    undefined,
    null,
    {},
    { sub: '', tokenEnd: END, permissions: '{}' },
    { ...toContext(ANN), revoked: '' },
    { ...toContext(ANN), revoked: '{}' },
    { ...toContext(ANN), seen: -1 },
    { ...toContext(ANN), checkedAt: '' },
    { ...toContext(ANN), tokenEnd: '' },
    { ...toContext(ANN), tokenEnd: 'never' },
    { ...toContext(ANN), permissions: 'x' },
    { ...toContext(ANN), permissions: '{"subscribe":["*"]}' },
    { ...toContext(ANN), permissions: '{"subscribe":"*","publish":[],"count":[],"presence":[]}' },
  ])('is refused as %j', (context) => {
    expect(fromContext(context)).toBeUndefined();
  });
});

describe('the policy', () => {
  it('takes the lists of the claims, with the subject in its place', () => {
    const claims = {
      sub: 'ann',
      subscribe: ['news/*', 'user/${sub}/*'],
      publish: ['user/${sub}/in'],
      count: ['votes'],
    };

    expect(permissionsFromClaims(claims)).toEqual({
      subscribe: ['news/*', 'user/ann/*'],
      publish: ['user/ann/in'],
      count: ['votes'],
      presence: [],
    });
  });

  it.each([{}, { subscribe: '*' }, { subscribe: [7, null, 'n*ws'] }, { subscribe: { 0: '*' } }])(
    'permits nothing by the claims %j',
    (claims) => {
      expect(permissionsFromClaims({ sub: 'ann', ...claims })).toEqual(NO_PERMISSIONS);
    },
  );
});
