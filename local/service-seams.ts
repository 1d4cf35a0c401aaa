import { type ChooseFault, createChooseFault } from './faults/choose-fault.ts';
import { faultyBuckets, faultyCallbacks, faultyGuard, faultyLambda } from './faults/apply-faults.ts';
import type { FaultPlan } from './faults/fault.ts';
import type { AccessControl } from './iam/access-control.ts';
import { bucketAuthorizer, callbackAuthorizer, lambdaAuthorizer, queueAuthorizer } from './iam/enforce.ts';
import { connectAuthorizer } from './iam/connect-access.ts';
import { urlAuthorizer } from './iam/url-access.ts';
import { dynamodbReader } from './iam/read-dynamodb.ts';
import type { ApplicationModel } from './model.ts';

/** The checks before the services of a runtime: rights, and faults if there are any. */
export interface ServiceSeams {
  readonly guardDynamodb: AccessControl['guardDynamodb'];
  readonly authorizeLambda: ReturnType<typeof lambdaAuthorizer>;
  readonly authorizeBuckets: ReturnType<typeof bucketAuthorizer>;
  readonly authorizeQueues: ReturnType<typeof queueAuthorizer>;
  readonly authorizeCallback: ReturnType<typeof callbackAuthorizer>;
  readonly authorizeUrl: ReturnType<typeof urlAuthorizer>;
  readonly authorizeConnect: ReturnType<typeof connectAuthorizer>;
  /** Absent without faults of `@connections`: the hook costs the fast path of posts. */
  readonly interceptCallback: ReturnType<typeof faultyCallbacks> | undefined;
}

/** Returns the checks before the services of an application. */
export function createServiceSeams(
  application: ApplicationModel,
  access: AccessControl,
  plan: FaultPlan | undefined,
): ServiceSeams {
  const seams: ServiceSeams = {
    guardDynamodb: access.guardDynamodb,
    authorizeLambda: lambdaAuthorizer(access),
    authorizeBuckets: bucketAuthorizer(access, application),
    authorizeQueues: queueAuthorizer(access, application),
    authorizeCallback: callbackAuthorizer(access, application),
    authorizeUrl: urlAuthorizer(access, application),
    authorizeConnect: connectAuthorizer(access, application),
    interceptCallback: undefined,
  };
  return plan === undefined ? seams : withFaults(seams, { plan, application, choose: createChooseFault(plan) });
}

interface Faulty {
  readonly plan: FaultPlan;
  readonly application: ApplicationModel;
  readonly choose: ChooseFault;
}

function withFaults(seams: ServiceSeams, { plan, application, choose }: Faulty): ServiceSeams {
  const hasPosts = plan.faults.some(({ service }) => service === 'connections');
  return {
    ...seams,
    guardDynamodb: faultyGuard(seams.guardDynamodb, choose, dynamodbReader(application)),
    authorizeLambda: faultyLambda(seams.authorizeLambda, choose),
    authorizeBuckets: faultyBuckets(seams.authorizeBuckets, choose),
    interceptCallback: hasPosts ? faultyCallbacks(choose) : undefined,
  };
}
