import type { ErrorSimulationResult, runSimulation, runUnsafeSimulation } from '@cloud-copilot/iam-simulate';
import type { PolicyModel } from '../model.ts';

/** An action on a resource, as policies name them, with the condition keys that the request has. */
export interface Access {
  /** The action, such as `dynamodb:UpdateItem`. */
  readonly action: string;
  readonly resource: string;
  readonly context: Readonly<Record<string, string | readonly string[]>>;
}

/** The policies that decide, and for whom. */
export interface Rights {
  readonly sessionArn: string;
  readonly accountId: string;
  readonly policies: readonly PolicyModel[];
  readonly boundaries: readonly PolicyModel[] | undefined;
}

/**
 * The outcome of an evaluation. `unknown`: the evaluator cannot judge the action, or the policies are not valid; the
 * call is refused, because on AWS nothing is allowed by default.
 */
export type AccessVerdict =
  | { readonly kind: 'allowed' }
  | { readonly kind: 'implicitly-denied' | 'explicitly-denied' }
  | { readonly kind: 'outside-boundary' }
  | { readonly kind: 'unknown'; readonly reason: string };

interface Evaluator {
  readonly runSimulation: typeof runSimulation;
  readonly runUnsafeSimulation: typeof runUnsafeSimulation;
}
type SimulationErrors = ErrorSimulationResult['errors'];

let loading: Promise<Evaluator | undefined> | undefined;

/** The warning of a start without the evaluator. */
const NOT_JUDGED =
  'What functions may do is not judged: npm install --save-dev @cloud-copilot/iam-simulate (its license is the AGPL 3)';

/**
 * Begins to load the evaluator, while the engine starts. Warns where it is not installed. Another failure is that of
 * the first verdict.
 */
export function beginLoading(warn: (text: string) => void): void {
  void loadEvaluator().then(
    (found) => found ?? warn(NOT_JUDGED),
    () => undefined,
  );
}

/**
 * Loads the evaluator of policies, once; undefined where it is not installed, since its license is for an app to
 * choose. Imported late: it takes 120 ms and 20 MB, and a start has other work to wait for meanwhile.
 */
function loadEvaluator(): Promise<Evaluator | undefined> {
  loading ??= import('@cloud-copilot/iam-simulate').catch(undefinedIfMissing);
  return loading;
}

function undefinedIfMissing(error: unknown): undefined {
  if (error instanceof Error && 'code' in error && error.code === 'ERR_MODULE_NOT_FOUND') return undefined;
  throw error;
}

/**
 * The ARN of a route of a WebSocket API, `API/STAGE/ROUTE`. The evaluator knows `API/STAGE/METHOD/PATH` alone and calls
 * any other resource an error. Policies are therefore checked with a path at the end, and the verdict comes by its way
 * without checks.
 */
const WEB_SOCKET_ROUTE = /^arn:[^:]+:execute-api:[^:]*:[^:]*:[^/]+\/[^/]+\/[^/]+$/;

/** Judges one access by the policies of a session. Without an evaluator every access is allowed. */
export async function evaluate(rights: Rights, access: Access): Promise<AccessVerdict> {
  const evaluator = await loadEvaluator();
  if (evaluator === undefined) return { kind: 'allowed' };
  const isRoute = WEB_SOCKET_ROUTE.test(access.resource);
  const asked = isRoute ? { ...access, resource: `${access.resource}/path` } : access;
  const outcome = await evaluator.runSimulation(simulationOf(rights, asked), {});
  // An action that does not fit the resource is an error to the evaluator, and a refusal on AWS.
  if (outcome.resultType === 'error') return { kind: 'unknown', reason: describe(outcome.errors) };
  const result = isRoute ? evaluator.runUnsafeSimulation(simulationOf(rights, access), {}) : outcome.overallResult;
  if (result === 'Allowed') return { kind: 'allowed' };
  if (result === 'ExplicitlyDenied') return { kind: 'explicitly-denied' };
  return { kind: (await isOnlyOutsideBoundary(rights, access)) ? 'outside-boundary' : 'implicitly-denied' };
}

async function isOnlyOutsideBoundary(rights: Rights, access: Access): Promise<boolean> {
  if (rights.boundaries === undefined) return false;
  const without = await evaluate({ ...rights, boundaries: undefined }, access);
  return without.kind === 'allowed';
}

function simulationOf({ sessionArn, accountId, policies, boundaries }: Rights, access: Access) {
  const { action, resource, context } = access;
  return {
    request: {
      principal: sessionArn,
      action,
      resource: { resource, accountId },
      contextVariables: Object.fromEntries(
        Object.entries(context).map(([key, value]) => [key, typeof value === 'string' ? value : [...value]]),
      ),
    },
    identityPolicies: policies.map(toSimulated),
    serviceControlPolicies: [],
    resourceControlPolicies: [],
    ...(boundaries === undefined ? {} : { permissionBoundaryPolicies: boundaries.map(toSimulated) }),
  };
}

// Policies of the same name would be one to the evaluator's errors, never to its verdict.
const toSimulated = ({ name, document }: PolicyModel) => ({ name, policy: document });

function describe({ message, ...details }: SimulationErrors): string {
  return Object.keys(details).length === 0 ? message : `${message} ${JSON.stringify(details)}`;
}
