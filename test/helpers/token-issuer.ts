import { exportJWK, generateKeyPair, type GenerateKeyPairResult, type JWK, type JWTPayload, SignJWT } from 'jose';
import { type HttpServer, startHttpServer } from './http-server.ts';

export const AUDIENCE = 'app';
export const SUBJECT = 'ann';

/** The claims of a token that everything accepts. */
export const goodClaims = (issuer: string): JWTPayload => ({
  iss: issuer,
  aud: AUDIENCE,
  sub: SUBJECT,
  exp: secondsFromNow(3_600),
  subscribe: ['news/*'],
});

/** Epoch seconds, which tokens count in. */
export const secondsFromNow = (seconds: number): number => Math.floor(Date.now() / 1_000) + seconds;

export interface SigningKey extends GenerateKeyPairResult {
  readonly kid: string;
  readonly alg: string;
  readonly jwk: JWK;
}

/** Creates a key pair whose public key names its id and its algorithm. */
export async function createSigningKey(kid: string, alg = 'ES256'): Promise<SigningKey> {
  const pair = await generateKeyPair(alg, { extractable: true });
  return { ...pair, kid, alg, jwk: { ...(await exportJWK(pair.publicKey)), kid, alg, use: 'sig' } };
}

/** Signs claims, by default under the key's own algorithm and id. */
export const signToken = (
  claims: JWTPayload,
  { privateKey, alg, kid }: Pick<SigningKey, 'privateKey' | 'alg' | 'kid'>,
): Promise<string> => new SignJWT(claims).setProtectedHeader({ alg, kid, typ: 'JWT' }).sign(privateKey);

/** Encodes a header and claims as a token with this signature, whatever they are. */
export const rawToken = (header: unknown, claims: unknown, signature = ''): string =>
  [header, claims].map((part) => base64url(typeof part === 'string' ? part : JSON.stringify(part))).join('.') +
  `.${signature}`;

export const base64url = (text: string): string => Buffer.from(text).toString('base64url');

/** An identity provider on this machine, with its keys at a real address. */
export interface TokenIssuer {
  readonly issuer: string;
  readonly jwksUri: string;
  readonly key: SigningKey;
  /** The requests for the keys so far. */
  readonly server: HttpServer;
  /** Replaces what the address answers. */
  readonly serve: (status: number, body: string) => void;
  /** Replaces the keys that are served. */
  readonly serveKeys: (...keys: readonly SigningKey[]) => void;
  /** Signs a token that everything accepts, with other claims. An undefined one is left out. */
  readonly sign: (claims?: JWTPayload, by?: Pick<SigningKey, 'privateKey' | 'alg' | 'kid'>) => Promise<string>;
}

const keySetOf = (keys: readonly SigningKey[]): string => JSON.stringify({ keys: keys.map(({ jwk }) => jwk) });

/** Starts an identity provider. */
export async function startTokenIssuer(alg = 'ES256'): Promise<TokenIssuer> {
  const key = await createSigningKey('key-1', alg);
  let answer = { status: 200, body: keySetOf([key]) };
  const server = await startHttpServer((_request, response) => {
    response.writeHead(answer.status, { 'content-type': 'application/json', location: '/elsewhere' });
    response.end(answer.body);
  });
  const issuer = server.url;
  return {
    issuer,
    jwksUri: `${issuer}/jwks`,
    key,
    server,
    serve: (status, body) => void (answer = { status, body }),
    serveKeys: (...keys) => void (answer = { status: 200, body: keySetOf(keys) }),
    sign: (claims = {}, by = key) => signToken({ ...goodClaims(issuer), ...claims }, by),
  };
}
