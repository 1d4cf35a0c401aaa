import { createHmac, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import fc from 'fast-check';
import { rawToken, secondsFromNow } from './token-issuer.ts';

/** The facts that an attacker has: the public ones of the issuer, and a good token with few permissions. */
export interface Spoils {
  readonly issuer: string;
  readonly audience: string;
  /** The public key that the issuer serves, as JSON. */
  readonly jwk: Readonly<Record<string, unknown>>;
  /** A token that the issuer signed. */
  readonly genuine: string;
}

/** The attacker's keys, for each algorithm of JWS. */
const KEYS: Readonly<Record<string, KeyObject>> = {
  ES256: generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey,
  ES384: generateKeyPairSync('ec', { namedCurve: 'P-384' }).privateKey,
  RS256: generateKeyPairSync('rsa', { modulusLength: 2_048 }).privateKey,
  EdDSA: generateKeyPairSync('ed25519').privateKey,
};

function signed(header: object, claims: object, alg: string): string {
  const text = rawToken(header, claims).slice(0, -1);
  const key = KEYS[alg];
  if (key === undefined) return `${text}.${createHmac('sha256', 'secret').update(text).digest('base64url')}`;
  const hash = alg === 'EdDSA' ? null : `sha${alg.slice(-3)}`;
  return `${text}.${sign(hash, Buffer.from(text), { key, dsaEncoding: 'ieee-p1363' }).toString('base64url')}`;
}

/** The depth of the deepest claim. */
const DEEP = 1_200;

/** The odd parts of the attacker's claims. */
const ODD_CLAIMS: readonly object[] = [
  {},
  { sub: 'root\n{"level":"INFO","forged":true}' },
  { sub: 'x'.repeat(129) },
  { exp: 1 },
  { exp: 'never' },
  { exp: 1e308 },
  { nbf: 4_102_444_800 },
  { iss: 'https://evil.example' },
  { aud: ['other'] },
  JSON.parse('{"__proto__":{"subscribe":["*"]},"constructor":{"prototype":{"publish":["*"]}}}'),
  { subscribe: { length: 1, 0: '*' } },
  { deep: JSON.parse(`${'['.repeat(DEEP)}${']'.repeat(DEEP)}`) },
];

/** Returns the generator of tokens that the issuer did not sign as they are. */
export function forgedTokens({ issuer, audience, jwk, genuine }: Spoils): fc.Arbitrary<string> {
  const everything = { subscribe: ['*'], publish: ['*'], count: ['*'], presence: ['*'] };
  const claims = fc
    .constantFrom(...ODD_CLAIMS)
    .map((odd) => ({ iss: issuer, aud: audience, sub: 'root', exp: secondsFromNow(600), ...everything, ...odd }));
  const kid = fc.constantFrom(jwk['kid'], 'another', '../../etc/passwd', 'a\n{"forged":true}', '__proto__', undefined);
  const byOwnKey = fc
    .tuple(claims, kid, fc.constantFrom(...Object.keys(KEYS), 'HS256'), fc.constantFrom('ES256', 'own'))
    .map(([own, id, alg, named]) => {
      const header = { alg: named === 'own' ? alg : named, kid: id, typ: 'JWT', jwk, jku: 'http://127.0.0.1:9/jwks' };
      return signed(header, own, alg);
    });
  const unsigned = fc
    .tuple(claims, fc.constantFrom('none', 'None', 'nOnE', '', 'ES256', '__proto__', 'toString'))
    .map(([own, alg]) => rawToken({ alg, kid: jwk['kid'] }, own));
  const byPublicKey = fc.tuple(claims, fc.constantFrom(JSON.stringify(jwk), String(jwk['x']))).map(([own, secret]) => {
    const text = rawToken({ alg: 'HS256', kid: jwk['kid'] }, own).slice(0, -1);
    return `${text}.${createHmac('sha256', secret).update(text).digest('base64url')}`;
  });
  const [head = '', body = '', signature = ''] = genuine.split('.');
  const changed = fc.tuple(fc.nat(), fc.constantFrom('A', 'b', '-', '.', '=')).map(([at, text]) => {
    const index = at % (genuine.length - 2);
    return genuine[index] === text ? `${genuine}.` : `${genuine.slice(0, index)}${text}${genuine.slice(index + 1)}`;
  });
  const rearranged = claims.chain((own) =>
    fc.constantFrom(
      `${head}.${rawToken('', own).split('.')[1]}.${signature}`,
      `${head}.${body}.`,
      `${head}.${body}`,
      `${body}.${head}.${signature}`,
      `${genuine}.${signature}`,
      `${head}.${body}.${signature}${'A'.repeat(4_096)}`,
      'x',
      '..',
      '...',
    ),
  );
  return fc.oneof(byOwnKey, unsigned, byPublicKey, changed, rearranged);
}
