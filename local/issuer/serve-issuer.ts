import type { IncomingMessage, ServerResponse } from 'node:http';
import { answerJson, PRIVATE_HEADERS, readBody, splitTarget } from '../gateway/http.ts';
import type { Issuer } from './issuer.ts';
import { decodeTokenRequest, TOKEN_LIMITS } from './token-request.ts';

type Serve = (request: IncomingMessage, response: ServerResponse) => void;

const JWKS_PATH = '/_runtime/jwks.json';
/** The path that OpenID Connect Discovery derives from the issuer. */
const DISCOVERY_PATH = '/_runtime/.well-known/openid-configuration';
const TOKENS_PATH = '/_runtime/tokens';

/** The options of a served issuer. */
export interface ServedIssuer {
  readonly issuer: Issuer;
  /** Whether the API has an authorizer. Without one, nothing asks for the tokens. */
  readonly hasAuthorizer: boolean;
}

/**
 * Serves the issuer's public keys and its discovery document to authorizers, and `POST /_runtime/tokens` to tools.
 * Every other request is passed to `page`. The gateway has refused foreign web pages before.
 */
export function serveIssuer({ issuer, hasAuthorizer }: ServedIssuer, page: Serve): Serve {
  const documents = new Map<string, object>([
    [JWKS_PATH, issuer.jwks],
    [DISCOVERY_PATH, discoveryOf(issuer)],
  ]);
  return (request, response) => {
    const [path] = splitTarget(request.url ?? '/');
    const document = documents.get(path);
    if (document === undefined && path !== TOKENS_PATH) return page(request, response);
    if (request.method !== (document === undefined ? 'POST' : 'GET')) {
      return answerJson(response, 405, 'Method Not Allowed');
    }
    if (document !== undefined) return answer(response, document);
    readBody(request, TOKEN_LIMITS.bodyBytes, (body) => {
      if (body === 'too-large') return answerJson(response, 413, 'The request for a token is too large');
      const decoded = decodeTokenRequest(body.toString());
      if ('refusal' in decoded) return answerJson(response, 400, decoded.refusal);
      answer(response, { ...issuer.mint(decoded), hasAuthorizer });
    });
  };
}

/** Returns the required fields of a discovery document that apply here: nobody signs in at this issuer. */
const discoveryOf = ({ facts }: Issuer): object => ({
  issuer: facts.issuer,
  jwks_uri: facts.jwksUri,
  id_token_signing_alg_values_supported: ['ES256'],
  subject_types_supported: ['public'],
  response_types_supported: ['id_token'],
});

function answer(response: ServerResponse, value: object): void {
  response.writeHead(200, { ...PRIVATE_HEADERS, 'Content-Type': 'application/json' }).end(JSON.stringify(value));
}
