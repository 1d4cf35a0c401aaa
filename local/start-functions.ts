import { type Endpoints, environmentOf } from './endpoints.ts';
import type { AccessControl } from './iam/access-control.ts';
import { startEngineGuard } from './iam/engine-guard.ts';
import { createEventInvocations } from './lambda/event-invocations.ts';
import type { FunctionNetwork } from './lambda/function-environment.ts';
import { startInvokeApi } from './lambda/invoke-api.ts';
import type { LambdaLimits } from './lambda/lambda-limits.ts';
import { createLambdaPool, type LambdaPool, type ObserveInvocation } from './lambda/lambda-pool.ts';
import type { ApplicationModel, FunctionModel, Terminal } from './model.ts';
import type { SendToQueue } from './queues/send-to-queue.ts';
import type { ServiceSeams } from './service-seams.ts';
import type { Shutdown } from './shutdown.ts';
import type { MappingControl } from './switched-mapping.ts';

/** The application whose functions are started, and what they find around them. */
export interface FunctionsSetup {
  readonly application: ApplicationModel;
  readonly access: Pick<AccessControl, 'credentialsOf'>;
  readonly seams: ServiceSeams;
  readonly storage: Omit<Endpoints, 'lambda'>;
  readonly network: FunctionNetwork;
  readonly runDirectory: string;
  readonly limits: Partial<LambdaLimits> | undefined;
}

interface FunctionsDeps {
  readonly shutdown: Shutdown;
  readonly terminal: Terminal;
  readonly observe: ObserveInvocation;
  readonly sendToQueue: SendToQueue;
  /** Returns what an invocation has logged. */
  readonly logOf: (functionName: string, requestId: string) => readonly string[];
  /** Returns the event source mappings, once they run. */
  readonly mappings: () => readonly MappingControl[];
}

/** Starts the Lambda service, its API, and the guard between the functions and the engine. */
export async function startFunctions(
  { application, access, seams, storage, network, runDirectory, limits = {} }: FunctionsSetup,
  { shutdown, terminal, observe, sendToQueue, logOf, mappings }: FunctionsDeps,
) {
  // Listens before the pool exists: the pool's functions need the address in their environment, and only they know it.
  const invokeApi = await startInvokeApi(
    { functions: application.functions, limits },
    {
      invokeJson: (functionArn, payload, options) => pool.invokeJson(functionArn, payload, options),
      submitEvent: (model, payload, requestId) => events.submit(model, payload, requestId),
      logOf,
      mappings,
      authorize: seams.authorizeLambda,
    },
  );
  const guard = await startEngineGuard(storage.dynamodb, seams.guardDynamodb);
  const endpoints: Endpoints = { ...storage, lambda: invokeApi.endpoint };
  const pool: LambdaPool = createLambdaPool(
    {
      ...application,
      functions: withQueues(application, storage.sqs),
      extraEnvironment: environmentOf({ ...endpoints, dynamodb: guard.endpoint }),
      credentialsOf: access.credentialsOf,
      network,
      temporaryDirectory: runDirectory,
      limits,
    },
    { terminal, observe },
  );
  const { invokeJson } = pool;
  const events = createEventInvocations(
    { ...application, limits },
    { invokeJson, sendToQueue, terminal, now: Date.now },
  );
  // Closed after the pool, whose functions may still write.
  await shutdown.add(() => guard.close());
  await shutdown.add(() => pool.close());
  await shutdown.add(async () => events.close());
  await shutdown.add(() => invokeApi.close());
  return { pool, endpoints, onWritten: guard.onWritten };
}

/** Returns the functions with environments in which the URLs of queues lead to this machine. */
function withQueues({ functions, queues }: ApplicationModel, endpoint: string): readonly FunctionModel[] {
  if (queues.length === 0) return functions;
  const localize = (text: string): string =>
    queues.reduce((found, { url }) => found.replaceAll(url, `${endpoint}${new URL(url).pathname}`), text);
  return functions.map((model) => ({
    ...model,
    environment: Object.fromEntries(Object.entries(model.environment).map(([name, text]) => [name, localize(text)])),
  }));
}
