import fc from 'fast-check';
import * as BOUNDS from '../../client/src/bounds.ts';
import { tokenLifeMs } from '../../client/src/token-life.ts';
import { tokenOf } from '../helpers/token-scene.ts';

/** The shortest life that a token is taken to have: renewed at the earliest share, it lasts for the least pause. */
const SHORTEST_MS = BOUNDS.RENEW_PAUSE_MS / BOUNDS.RENEW_FROM_SHARE;

const seconds = fc.integer({ min: 0, max: 2 ** 33 });
const nowMs = seconds.map((each) => each * 1_000);

describe('the life of a token', () => {
  test('is what is left of it, never longer than from its issue to its end, and never too short', () => {
    const claims = fc.record({ exp: seconds, iat: seconds, sub: fc.string({ unit: 'grapheme' }) });

    fc.assert(
      fc.property(claims, nowMs, ({ exp, iat, sub }, now) => {
        const lifeMs = tokenLifeMs(tokenOf({ exp, iat, sub }), now);

        expect(lifeMs).toBeGreaterThanOrEqual(SHORTEST_MS);
        if (exp * 1_000 > now) expect(lifeMs).toBeLessThanOrEqual(Math.max(SHORTEST_MS, exp * 1_000 - now));
        if (exp > iat) expect(lifeMs).toBeLessThanOrEqual(Math.max(SHORTEST_MS, (exp - iat) * 1_000));
        if (exp > iat && exp * 1_000 > now && now >= iat * 1_000) {
          expect(lifeMs).toBe(Math.max(SHORTEST_MS, exp * 1_000 - now));
        }
      }),
    );
  });

  test('is without an end for whatever is no JWT with one', () => {
    const opaque = fc.oneof(
      fc.string(),
      fc.string().map((text) => `a.${text}.b`),
      fc.jsonValue().map((value) => tokenOf([value])),
      fc.constantFrom(null, true, 'text', 7).map((claims) => tokenOf(Object(claims))),
      fc.constantFrom({ exp: 'soon' }, { exp: null }, { exp: {} }, { iat: 1 }).map(tokenOf),
    );

    fc.assert(fc.property(opaque, nowMs, (token, now) => tokenLifeMs(token, now) === Infinity));
  });
});
