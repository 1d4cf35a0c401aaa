import { CompactSign, type JWTPayload } from 'jose';
import { RESULT_BYTES } from '../../../shared/handshake/decide-handshake.ts';
import { TOKEN_CHARS } from '../../../shared/handshake/find-token.ts';
import { PROFILE_BYTES } from '../../../shared/handshake/verify-token.ts';
import { startHandshakeScene } from '../../helpers/handshake-scene.ts';
import { goodClaims } from '../../helpers/token-issuer.ts';

const { idp, decide, outcomeOf } = await startHandshakeScene();

afterAll(() => idp.server.close());

describe('the permissions of a token', () => {
  const permissionsOf = async (claims: JWTPayload) => {
    const outcome = await outcomeOf(await idp.sign(claims));
    return typeof outcome === 'object' ? outcome.permissions : outcome;
  };
  const NOTHING = { subscribe: [], publish: [], count: [], presence: [] };

  it('are none by default', async () => {
    expect(await permissionsOf({ subscribe: undefined })).toEqual(NOTHING);
  });

  it.each(['*', 'a/b', '../x', 'a:b', '*/x', 'ann bob', 'ünal'])('are not widened by the subject %j', async (sub) => {
    expect(await permissionsOf({ sub, subscribe: ['user/${sub}/*', '${sub}', 'a/${sub}'] })).toEqual(NOTHING);
  });

  it('take no pattern that only looks like one', async () => {
    const subscribe = [
      '**',
      'a*',
      '*a',
      'new s/*',
      'news\n/*',
      'n\u0435ws /*',
      '/news',
      'news//*x',
      '${sub',
      '${SUB}/*',
      '',
    ];

    expect(await permissionsOf({ subscribe })).toEqual(NOTHING);
  });

  it('come from no prototype and no constructor', async () => {
    const text = JSON.stringify(goodClaims(idp.issuer)).replace(
      '"subscribe"',
      '"__proto__":{"publish":["*"],"presence":["*"]},"constructor":{"prototype":{"count":["*"]}},"toString":["*"],"subscribe"',
    );
    const signing = new CompactSign(new TextEncoder().encode(text));

    const token = await signing.setProtectedHeader({ alg: 'ES256', kid: 'key-1' }).sign(idp.key.privateKey);

    expect(await outcomeOf(token)).toMatchObject({ permissions: { ...NOTHING, subscribe: ['news/*'] } });
    expect('publish' in {}).toBe(false);
  });

  it('that do not fit into the context refuse the handshake, as far below 8 KB as they are', async () => {
    const fill = async (count: number) =>
      decide({ token: await idp.sign({ sub: 'x'.repeat(128), subscribe: Array(count).fill('${sub}') }) });

    const decisions = await Promise.all(Array.from({ length: 80 }, (_, count) => fill(count)));

    const sizes = decisions.flatMap((decision) =>
      'refused' in decision ? [] : Buffer.byteLength(JSON.stringify(decision.result)),
    );
    const refused = decisions.flatMap((decision) => ('refused' in decision ? decision.refused : []));
    expect(new Set(refused)).toEqual(new Set(['too-many-permissions']));
    expect(Math.max(...sizes)).toBeLessThanOrEqual(RESULT_BYTES);
    expect(Math.max(...sizes)).toBeGreaterThan(RESULT_BYTES - 300);
    expect(sizes.length + refused.length).toBe(80);
  });

  it('in a token of more than 4 KB are not read', async () => {
    const token = await idp.sign({ subscribe: Array(600).fill('a/*') });

    expect(token.length).toBeGreaterThan(TOKEN_CHARS);
    expect(await outcomeOf(token)).toBe('token-too-long');
  });
});

describe('the profile of a token', () => {
  const profileOf = async (claims: JWTPayload) => {
    const decision = await decide({ token: await idp.sign(claims) });
    return 'refused' in decision ? decision.refused : decision.result.context?.profile;
  };
  const profileOfBytes = (bytes: number) => ({ about: 'ä'.repeat((bytes - '{"about":""}'.length) / 2) });

  it.each<[string, JWTPayload, string | undefined]>([
    ['its claim `profile`', { profile: { name: 'Ann', team: 7 }, name: 'A.' }, '{"name":"Ann","team":7}'],
    ['its claim `name`', { name: 'Ann “L.”' }, '{"name":"Ann “L.”"}'],
    [
      '`name`, where `profile` is the URL of OpenID Connect',
      { profile: 'https://ann.example', name: 'Ann' },
      '{"name":"Ann"}',
    ],
    ['none without a claim', {}, undefined],
    ['none of another type', { profile: ['Ann'], name: 7 }, undefined],
    ['none for an empty name', { name: '' }, undefined],
  ])('is %s', async (_what, claims, profile) => {
    expect(await profileOf(claims)).toBe(profile);
  });

  it('has at most 1 KB, and refuses the handshake beyond', async () => {
    const [most, tooMuch] = [profileOfBytes(PROFILE_BYTES), profileOfBytes(PROFILE_BYTES + 2)];

    expect(await profileOf({ profile: most })).toBe(JSON.stringify(most));
    expect(await profileOf({ profile: tooMuch })).toBe('profile-too-large');
  });
});
