import type { AccessControl } from './iam/access-control.ts';
import { checkReadingRights } from './iam/enforce.ts';
import { createCallService } from './integrations/call-service.ts';
import type { KeptLogs } from './kept-logs.ts';
import { sendToQueue } from './queues/send-to-queue.ts';
import { type FunctionsSetup, startFunctions } from './start-functions.ts';
import type { Pollers } from './start-pollers.ts';
import { startStreams, type StreamsDeps, type StreamsSetup } from './start-streams.ts';
import type { Observations } from './view/observations.ts';

/** The application whose functions and event source mappings are started, and what they need. */
interface WorkSetup
  extends Omit<FunctionsSetup, 'limits'>,
    Omit<StreamsSetup, 'endpoints' | 'pool' | 'onWritten' | 'callService' | 'options'> {
  readonly access: AccessControl;
  readonly options: StreamsSetup['options'] & { readonly limits?: { readonly lambda?: FunctionsSetup['limits'] } };
}

interface WorkDeps extends StreamsDeps {
  readonly onStep: (step: string) => void;
  readonly logs: KeptLogs;
  readonly observations: Observations;
}

/** Starts the functions, and the event source mappings that invoke them. */
export async function startWork(setup: WorkSetup, deps: WorkDeps) {
  const { application, access, queues, options } = setup;
  deps.onStep(`starting ${application.mappings.length + application.queueMappings.length} event source mappings`);
  await checkReadingRights(access, application);
  // The API shows the mappings to functions, which have to be there before the mappings are.
  const started: { pollers?: Pollers } = {};
  const { pool, endpoints, onWritten } = await startFunctions(
    { ...setup, limits: options.limits?.lambda },
    {
      ...deps,
      observe: deps.observations.observe,
      sendToQueue: sendToQueue(queues),
      logOf: deps.logs.ofInvocation,
      mappings: () => started.pollers?.controls ?? [],
    },
  );
  const callService = createCallService({ application, endpoints, access, invoke: pool.invoke });
  const pollers = await startStreams({ ...setup, endpoints, pool, onWritten, callService }, deps);
  started.pollers = pollers;
  return { pool, endpoints, pollers, callService };
}
