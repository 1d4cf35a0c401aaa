import { randomUUID } from 'node:crypto';
import { setTimeout as after } from 'node:timers/promises';
import type { AnswerInstead } from '../iam/guard-requests.ts';
import type { dynamodbReader } from '../iam/read-dynamodb.ts';
import { errorResponse } from '../iam/refusals.ts';
import { s3Accesses, type S3Refusal } from '../iam/s3-access.ts';
import type { CoveredRequest } from '../iam/verify-signature.ts';
import type { ChooseFault } from './choose-fault.ts';
import type { PlannedFault } from './fault.ts';

/** Puts faults before the guard of DynamoDB. A call that fails does not reach the engine. */
export function faultyGuard(
  guard: AnswerInstead,
  choose: ChooseFault,
  read: ReturnType<typeof dynamodbReader>,
): AnswerInstead {
  return (request) => {
    const { operation, accesses } = read(request, () => false);
    const fault = choose({ service: 'dynamodb', operation, resources: accesses.map(({ resource }) => resource) });
    return fault === undefined ? guard(request) : answerWith(fault, () => guard(request));
  };
}

async function answerWith({ effect, delayMs }: PlannedFault, otherwise: () => ReturnType<AnswerInstead>) {
  await after(delayMs);
  // The guard ends the connection of a request that it cannot answer.
  if (effect.kind === 'cut') throw new Error('cut by --faults');
  return effect.kind === 'none' ? otherwise() : errorResponse(effect.error, randomUUID());
}

/** A call of Lambda's API: its action in IAM's words, and the ARN that it names. */
interface LambdaCall {
  readonly action: string;
  readonly resource: string;
}

/** Puts faults before the judge of Lambda's API. */
export function faultyLambda<Call extends LambdaCall, Refusal>(
  authorize: (authorization: string, call: Call, request?: CoveredRequest) => Promise<Refusal | undefined>,
  choose: ChooseFault,
) {
  return async (authorization: string, call: Call, request?: CoveredRequest) => {
    const action = call.action.slice('lambda:'.length);
    const operation = action === 'InvokeFunction' ? 'Invoke' : action;
    const fault = choose({ service: 'lambda', operation, resources: [call.resource] });
    if (fault !== undefined) await after(fault.delayMs);
    if (fault?.effect.kind !== 'error') return authorize(authorization, call, request);
    return { errorType: fault.effect.error.name, message: fault.effect.error.message };
  };
}

/** A signed request to S3. */
interface BucketRequest {
  readonly method: string;
  readonly url: string;
  readonly authorization: string;
}

/** Puts faults before the judge of buckets. */
export function faultyBuckets(
  authorize: (request: BucketRequest) => S3Refusal | undefined | Promise<S3Refusal | undefined>,
  choose: ChooseFault,
) {
  return async (request: BucketRequest): Promise<S3Refusal | undefined> => {
    const [access] = s3Accesses(request, 'aws');
    const operation = access?.action.slice('s3:'.length) ?? '';
    const fault = choose({ service: 's3', operation, resources: [access?.resource ?? ''] });
    if (fault !== undefined) await after(fault.delayMs);
    if (fault?.effect.kind !== 'error') return authorize(request);
    const { status, name: code, message } = fault.effect.error;
    return { status, code, message };
  };
}

/** Returns the hook of the gateway by which posts fail. */
export function faultyCallbacks(choose: ChooseFault) {
  return ({ method, connectionId }: { readonly method: string; readonly connectionId: string }) => {
    const fault = choose({ service: 'connections', operation: method, resources: [connectionId] });
    if (fault === undefined) return undefined;
    if (fault.effect.kind !== 'error') return 'hang' as const;
    const { name: errorType, status: statusCode, message } = fault.effect.error;
    return { statusCode, errorType, ...(message === '' ? {} : { body: JSON.stringify({ message }) }) };
  };
}
