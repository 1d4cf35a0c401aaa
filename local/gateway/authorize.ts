import type { Refusal } from '../iam/refusals.ts';
import { RuntimeSetupError, type AuthorizerModel, type Invoke, type Terminal } from '../model.ts';
import { decodeAuthorizerResult } from './authorizer-policy.ts';
import { callIntegration } from './integration.ts';
import type { GatewayLimits } from './limits.ts';
import { authorizerEvent, type ConnectionFacts, type EventSource } from './proxy-event.ts';
import type { UpgradeRequest } from './upgrade-request.ts';

/** The dependencies of the authorizer. */
export interface AuthorizeDeps {
  readonly invoke: Invoke;
  readonly terminal: Terminal;
  readonly now: () => number;
  readonly limits: GatewayLimits;
}

/** An admitted upgrade: with the context of the authorizer, or with the signer. Or a refused one. */
type Authorization =
  | Pick<ConnectionFacts, 'authorizer' | 'identity'>
  | { readonly refusedWith: 401 | 403 | 500; readonly words?: Refusal };

/** Judges an upgrade request. Returns what its events name, or the HTTP status of the refusal with its words. */
export type Authorize = (source: EventSource, request: UpgradeRequest) => Promise<Authorization>;

const IDENTITY_SOURCE = /^route\.request\.(header|querystring)\.(.+)$/;

/** The error message, word for word, with which an authorizer answers 401. */
const UNAUTHORIZED = 'Unauthorized';

/** Returns the `$connect` authorizer. Throws RuntimeSetupError for an unsupported identity source. */
export function createAuthorize(model: AuthorizerModel, deps: AuthorizeDeps): Authorize {
  const findsIdentity = model.identitySources.map(compileIdentitySource);
  return async (source, request) => {
    // A request without all identity sources is refused without an invocation.
    if (!findsIdentity.every((finds) => finds(request))) return { refusedWith: 401 };
    const startedAt = deps.now();
    const outcome = await callIntegration(deps, {
      route: { ...model, integrationTimeoutMs: deps.limits.authorizerTimeoutMs },
      event: authorizerEvent(source, request),
      connectionId: source.connection.connectionId,
    });
    if (outcome.kind === 'failed' && outcome.reason === UNAUTHORIZED) return { refusedWith: 401 };
    if (outcome.kind === 'timed-out') return fail(deps, 'it timed out');
    if (outcome.kind !== 'success') return fail(deps, outcome.reason);
    return judge(outcome.payload, { deps, methodArn: source.api.connectMethodArn, startedAt });
  };
}

function judge(
  payload: unknown,
  { deps, methodArn, startedAt }: { deps: AuthorizeDeps; methodArn: string; startedAt: number },
): Authorization {
  const size = Buffer.byteLength(JSON.stringify(payload ?? null));
  if (size > deps.limits.authorizerResultBytes) return fail(deps, `its result has ${size} bytes`);
  const decision = decodeAuthorizerResult(payload, methodArn);
  if (decision === undefined) return fail(deps, 'its result is not a policy');
  if (!decision.allowed) return { refusedWith: 403 };
  return {
    authorizer: {
      ...decision.context,
      principalId: decision.principalId,
      integrationLatency: deps.now() - startedAt,
    },
  };
}

function fail(deps: AuthorizeDeps, reason: string): Authorization {
  deps.terminal.warn(`authorizer failed: ${reason}`);
  return { refusedWith: 500 };
}

function compileIdentitySource(source: string): (request: UpgradeRequest) => boolean {
  const [, place, name] = IDENTITY_SOURCE.exec(source) ?? [];
  if (place === undefined || name === undefined) {
    throw new RuntimeSetupError(`Authorizer identity source not supported: ${source}`);
  }
  if (place === 'querystring') return ({ query }) => isGiven(query?.single[name]);
  const wanted = name.toLowerCase();
  return ({ authorizerHeaders }) =>
    Object.entries(authorizerHeaders.single).some(([name, value]) => name.toLowerCase() === wanted && isGiven(value));
}

function isGiven(value: string | undefined): boolean {
  return value !== undefined && value !== '';
}
