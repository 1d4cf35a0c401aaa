import { type IssuerKey, openIssuerKey } from './issuer-key.ts';
import type { TokenRequest } from './token-request.ts';

/** The audience of the local issuer's tokens. */
const AUDIENCE = 'distributary-local';

/** The parameters by which an authorizer verifies the local issuer's tokens. */
export interface IssuerFacts {
  readonly issuer: string;
  readonly audience: string;
  readonly jwksUri: string;
}

/** A token, and the time at which it ends in epoch seconds. */
interface MintedToken {
  readonly token: string;
  readonly expiresAt: number;
}

/** An issuer of tokens for development. */
export interface Issuer {
  readonly facts: IssuerFacts;
  /** The public keys, as a JWK set. */
  readonly jwks: { readonly keys: readonly Readonly<Record<string, string>>[] };
  readonly mint: (request: TokenRequest) => MintedToken;
}

/** Returns the parameters of the issuer of a runtime, by the port of its gateway. */
export function issuerFacts(port: number): IssuerFacts {
  const issuer = `http://127.0.0.1:${port}/_runtime`;
  return { issuer, audience: AUDIENCE, jwksUri: `${issuer}/jwks.json` };
}

/** The options of an issuer. */
export interface IssuerOptions {
  /** The port of the gateway, which serves the issuer. */
  readonly port: number;
  /** The directory that keeps the key between runs. Default: the key is in memory. */
  readonly dataDirectory?: string | undefined;
}

/** Creates an issuer with its key. Throws RuntimeSetupError for a kept key that cannot be used. */
export function createIssuer({ port, dataDirectory }: IssuerOptions, now: () => number): Issuer {
  const facts = issuerFacts(port);
  const key = openIssuerKey(dataDirectory);
  return {
    facts,
    jwks: { keys: [{ ...key.publicJwk, kid: key.kid, alg: 'ES256', use: 'sig' }] },
    mint: ({ sub, forSeconds, claims }) => {
      const iat = Math.floor(now() / 1_000);
      const exp = iat + forSeconds;
      const payload = { ...claims, iss: facts.issuer, aud: facts.audience, sub, iat, exp };
      return { token: signed(key, payload), expiresAt: exp };
    },
  };
}

/** Returns a payload as a signed JWT, in the compact form of JWS (RFC 7515). */
function signed(key: IssuerKey, payload: object): string {
  const text = [{ alg: 'ES256', typ: 'JWT', kid: key.kid }, payload].map(encode).join('.');
  return `${text}.${key.sign(text).toString('base64url')}`;
}

const encode = (part: object): string => Buffer.from(JSON.stringify(part)).toString('base64url');
