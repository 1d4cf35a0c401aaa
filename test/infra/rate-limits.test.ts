import { ROUTE_IDS } from '../../infra/functions.ts';
import { ENVIRONMENT } from '../../shared/config.ts';
import { readRateLimits } from '../../shared/rates/rate-limits.ts';
import { type SynthesizedStack, synthesizeStack } from './synthesized-stack.ts';

const AUTH = { issuer: 'https://idp.example', audience: 'app', jwksUri: 'https://idp.example/jwks.json' };

const byDefault = synthesizeStack();
const withAuth = synthesizeStack({ auth: AUTH, rateLimits: { subjectHandshakes: 7 } });
const off = synthesizeStack({ rateLimits: 'off' });

const keysOf = (stack: SynthesizedStack) =>
  [...stack.ofType('AWS::DynamoDB::GlobalTable').keys()].filter((name) => name.includes('Keys'));

/** Returns the limits of each route that has some. */
function limitsOf(stack: SynthesizedStack): Readonly<Record<string, unknown>> {
  const entries = ROUTE_IDS.flatMap((id) => {
    const { Properties } = stack.get('AWS::Lambda::Function', `Functions/${id}/Function`);
    const { Variables }: { Variables: Readonly<Record<string, string>> } = JSON.parse(
      JSON.stringify(Properties['Environment']),
    );
    const text = Variables[ENVIRONMENT.rateLimits];
    return text === undefined ? [] : [[id, JSON.parse(text)] as const];
  });
  return Object.fromEntries(entries);
}

/** Whether a function may update items of the table Keys. */
const countsRates = (stack: SynthesizedStack, id: string): boolean => {
  const { Properties } = stack.get('AWS::IAM::Policy', `Functions/${id}/Role/DefaultPolicy`);
  const { Statement }: { Statement: readonly { Action: string | string[]; Resource: unknown }[] } = JSON.parse(
    JSON.stringify(Properties['PolicyDocument']),
  );
  return Statement.some(
    ({ Action, Resource }) =>
      [Action].flat().includes('dynamodb:UpdateItem') &&
      [Resource].flat().some((each) => stack.read(each) === '<Tables/Keys.Arn>'),
  );
};

const FRAME_ROUTES = ROUTE_IDS.filter((id) => id !== 'Connect' && id !== 'Disconnect');

describe('the rate limits of a stack', () => {
  it('are given to every route of frames by default, with the grant to count', () => {
    expect(keysOf(byDefault)).toHaveLength(1);
    expect(limitsOf(byDefault)).toEqual(Object.fromEntries(FRAME_ROUTES.map((id) => [id, readRateLimits({})])));
    for (const id of FRAME_ROUTES) expect(countsRates(byDefault, id)).toBe(true);
    expect(countsRates(byDefault, 'Connect')).toBe(false);
  });

  it('are given to $connect too where it knows subjects', () => {
    expect(Object.keys(limitsOf(withAuth)).toSorted()).toEqual([...FRAME_ROUTES, 'Connect'].toSorted());
    expect(limitsOf(withAuth)['Connect']).toEqual(readRateLimits({ subjectHandshakes: 7 }));
    expect(countsRates(withAuth, 'Connect')).toBe(true);
  });

  it('are absent, and so is the grant, when they are off', () => {
    expect(limitsOf(off)).toEqual({});
    for (const id of ROUTE_IDS) expect(countsRates(off, id)).toBe(false);
  });
});
