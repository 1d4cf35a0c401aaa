import { fromContext } from '../../../shared/auth/authorizer-context.ts';
import { ENVIRONMENT } from '../../../shared/config.ts';
import { HANDSHAKE_REFUSALS } from '../../../shared/handshake/refusals.ts';
import { revoke } from '../../../shared/store/revocations.ts';
import { handshakeEvent, METHOD_ARN } from '../../helpers/handshake-events.ts';
import { lambdaVariables } from '../../helpers/lambda-environment.ts';
import { startStoreEngine, type StoreEngine } from '../../helpers/store-engine.ts';
import { TABLE_NAMES } from '../../helpers/tables.ts';
import { type AuthorizerRun, runAuthorizer } from '../../helpers/run-authorizer.ts';
import {
  AUDIENCE,
  createSigningKey,
  secondsFromNow,
  startTokenIssuer,
  type TokenIssuer,
} from '../../helpers/token-issuer.ts';

const ORIGIN = 'https://app.example.com';

let idp: TokenIssuer;
let engine: StoreEngine;

const environment = () => ({
  ...lambdaVariables({ dynamodb: engine.endpoint }),
  POWERTOOLS_LOG_LEVEL: 'DEBUG',
  POWERTOOLS_METRICS_DISABLED: 'false',
  // An operator turns this on to look at events, and must not find tokens in the log.
  POWERTOOLS_LOGGER_LOG_EVENT: 'true',
  [ENVIRONMENT.tokenRules]: JSON.stringify({ issuer: idp.issuer, audience: AUDIENCE, jwksUri: idp.jwksUri }),
  [ENVIRONMENT.allowedOrigins]: JSON.stringify([ORIGIN]),
});

const linesOf = ({ lines }: AuthorizerRun, message: string) => lines.filter((line) => line['message'] === message);
const metricsOf = ({ lines }: AuthorizerRun, name: string) =>
  lines.filter((line) => '_aws' in line && name in line).map((line) => [line['service'], line['stack'], line[name]]);

/** The parts of tokens that a log could show: header, claims and signature, whole or cut. */
const partsOf = (tokens: readonly string[]) =>
  tokens.flatMap((token) =>
    token
      .split('.')
      .filter((part) => part.length > 16)
      .map((part) => part.slice(4, 20)),
  );

beforeAll(async () => {
  idp = await startTokenIssuer();
  engine = await startStoreEngine();
});

afterAll(async () => {
  await idp.server.close();
  await engine.stop();
});

describe('the authorizer', () => {
  let run: AuthorizerRun;
  let tokens: readonly string[];

  beforeAll(async () => {
    const forger = await createSigningKey('key-1');
    const good = await idp.sign({ email: 'ann@secret.example' });
    const forged = await idp.sign({ sub: 'root' }, forger);
    const expired = await idp.sign({ exp: secondsFromNow(-60), sub: 'late' });
    tokens = [good, forged, expired];
    const events = [
      handshakeEvent({ token: good, headers: { Origin: [ORIGIN] } }),
      handshakeEvent({ query: { token: [good] } }),
      handshakeEvent(),
      handshakeEvent({ token: forged }),
      handshakeEvent({ headers: { Authorization: [`Bearer ${expired}`] } }),
      handshakeEvent({ token: good, headers: { Origin: ['https://evil.example'] } }),
    ];
    run = await runAuthorizer(events, environment());
  });

  it('allows, answers 401 by the one error that API Gateway takes for it, and 403 by a policy', () => {
    const policy = (Effect: string) => ({
      policyDocument: {
        Version: '2012-10-17',
        Statement: [{ Action: 'execute-api:Invoke', Effect, Resource: METHOD_ARN }],
      },
    });
    const unauthorized = { thrown: 'Unauthorized', fields: [] };

    expect(run.outcomes).toMatchObject([
      { returned: { principalId: 'ann', ...policy('Allow') } },
      { returned: { principalId: 'ann', ...policy('Allow') } },
      unauthorized,
      unauthorized,
      unauthorized,
      { returned: { principalId: 'refused', ...policy('Deny') } },
    ]);
    expect(run.outcomes.at(-1)?.returned).not.toHaveProperty('context');
  });

  it('writes one line for each handshake, with the connection and the code', () => {
    expect(linesOf(run, 'handshake allowed')).toMatchObject([
      { service: 'authorize', connectionId: 'H1=', sub: 'ann' },
      { service: 'authorize', connectionId: 'H1=', sub: 'ann' },
    ]);
    expect(linesOf(run, 'handshake refused').map(({ code, connectionId }) => [code, connectionId])).toEqual(
      ['no-token', 'bad-signature', 'token-expired', 'origin'].map((code) => [code, 'H1=']),
    );
    expect(run.lines.filter((line) => 'message' in line)).toHaveLength(6);
  });

  it('counts what it allows and refuses', () => {
    const one = ['authorize', 'Test', 1];

    expect(metricsOf(run, 'AllowedHandshakes')).toEqual([one, one]);
    expect(metricsOf(run, 'RefusedHandshakes')).toEqual([one, one, one, one]);
    expect(metricsOf(run, 'FailedHandshakes')).toEqual([]);
  });

  it('writes no token, no part of one and no other claim, into no line and no error', () => {
    const secrets = [...partsOf(tokens), 'root', 'late', 'secret.example', 'news/'];

    expect(partsOf(tokens)).toHaveLength(9);
    expect(secrets.filter((secret) => (run.output + run.errors).includes(secret))).toEqual([]);
  });

  it('reads the keys once for all of them', () => {
    expect(idp.server.requests).toHaveLength(1);
  });
});

describe('a handshake that cannot be decided', () => {
  it('fails with another error than Unauthorized, which is no fault of the token, and counts as a fault', async () => {
    const gone = await startTokenIssuer();
    const token = await idp.sign();
    await gone.server.close();
    const rules = { issuer: idp.issuer, audience: AUDIENCE, jwksUri: gone.jwksUri };

    const run = await runAuthorizer([handshakeEvent({ token })], {
      ...environment(),
      [ENVIRONMENT.tokenRules]: JSON.stringify(rules),
    });

    expect(run.outcomes).toMatchObject([{ thrown: 'The handshake could not be decided.', fields: [] }]);
    expect(linesOf(run, 'handshake failed')).toMatchObject([
      {
        level: 'ERROR',
        connectionId: 'H1=',
        code: 'keys-unavailable',
        reason: expect.stringContaining('ECONNREFUSED'),
      },
    ]);
    expect(metricsOf(run, 'FailedHandshakes')).toEqual([['authorize', 'Test', 1]]);
    expect(metricsOf(run, 'RefusedHandshakes')).toEqual([]);
    expect(partsOf([token]).filter((part) => (run.output + run.errors).includes(part))).toEqual([]);
  });

  it('fails if the revocations cannot be read: nobody is let in unchecked', async () => {
    const token = await idp.sign();

    const run = await runAuthorizer([handshakeEvent({ token })], {
      ...environment(),
      ...lambdaVariables({ dynamodb: 'http://127.0.0.1:1' }),
      POWERTOOLS_LOG_LEVEL: 'DEBUG',
    });

    expect(run.outcomes).toMatchObject([{ thrown: 'The handshake could not be decided.' }]);
    expect(linesOf(run, 'handshake failed')).toMatchObject([{ code: 'revocations-unavailable' }]);
  });

  it('by a bug says where it is, and not what it was about', async () => {
    const event = {
      ...handshakeEvent({ query: { token: ['secret-token'] } }),
      multiValueHeaders: { 'Sec-WebSocket-Protocol': [7] },
    };

    const run = await runAuthorizer([event], environment());

    expect(linesOf(run, 'handshake failed')).toMatchObject([
      { code: 'fault', name: 'TypeError', stack: expect.arrayContaining([expect.stringContaining('find-token.ts')]) },
    ]);
    expect(run.output + run.errors).not.toContain('secret-token');
  });
});

describe('a subject whose permissions were revoked', () => {
  const decide = async (subject: string, pattern: string) => {
    const deps = { client: engine.client, table: TABLE_NAMES.subscriptions, now: Date.now, newStamp: () => 'stamp' };
    await revoke(deps, { subject, pattern, until: Date.now() + 60_000 });
    return runAuthorizer([handshakeEvent({ token: await idp.sign({ sub: subject }) })], environment());
  };

  it('is refused with 403 if everything was', async () => {
    const run = await decide('eve', '*');

    expect(run.outcomes).toMatchObject([{ returned: { policyDocument: { Statement: [{ Effect: 'Deny' }] } } }]);
    expect(linesOf(run, 'handshake refused')).toMatchObject([{ code: 'revoked' }]);
  });

  it('is let in with what is left', async () => {
    const run = await decide('bob', 'news/*');
    const returned = run.outcomes[0]?.returned as { readonly context?: unknown };

    expect(fromContext(returned.context)).toMatchObject({
      subject: 'bob',
      revoked: ['news/*'],
      seen: expect.any(Number),
    });
  });
});

describe('the settings of the authorizer', () => {
  it.each([
    ['are missing', '', 'is required'],
    ['are not JSON', 'issuer', 'must be JSON'],
    [
      'are invalid',
      '{"issuer":"i","audience":"a","jwksUri":"http://idp.example"}',
      'auth.jwksUri: must be an https URL',
    ],
  ])('that %s are found at its cold start', async (_what, text, reason) => {
    const run = await runAuthorizer([], { ...environment(), [ENVIRONMENT.tokenRules]: text });

    expect(run.output).toContain(reason);
    expect(run.output).toContain('ConfigError');
  });
});

describe('the codes of refusals', () => {
  it('answer 403 for what another token of this kind would not change, else 401', () => {
    const forbidden = Object.entries(HANDSHAKE_REFUSALS).flatMap(([code, status]) => (status === 403 ? [code] : []));

    expect(forbidden).toEqual(['origin', 'revoked', 'too-many-permissions', 'profile-too-large']);
  });
});
