import { type ApplicationModel, type EventSourceMappingModel, RuntimeSetupError } from '../model.ts';
import type { AccessControl, Check } from './access-control.ts';
import type { Access } from './evaluate.ts';
import type { Session } from './sessions.ts';
import type { Refusal } from './refusals.ts';
import { type SqsCall, sqsAccess } from './sqs-access.ts';
import type { CoveredRequest } from './verify-signature.ts';
import { s3Accesses, type S3Refusal, s3Refusal, type S3Request } from './s3-access.ts';

type Answer<Refusal> = Refusal | undefined | Promise<Refusal | undefined>;

/** The actions by which Lambda reads a stream in the name of a function. `ListStreams` is not tried. */
const STREAM_ACTIONS = ['DescribeStream', 'GetShardIterator', 'GetRecords'];

/** The actions by which Lambda reads a queue in the name of a function. */
const QUEUE_ACTIONS = ['ReceiveMessage', 'DeleteMessage', 'GetQueueAttributes'];

/** A call of Lambda's API: its action, and the ARN that it names. */
interface LambdaCall extends Pick<Access, 'action' | 'resource'> {
  readonly context?: Access['context'] | undefined;
}

/** Returns the judge of Lambda's API. */
export const lambdaAuthorizer =
  ({ check }: AccessControl) =>
  async (authorization: string, { context = {}, ...call }: LambdaCall, request?: CoveredRequest) =>
    check({ authorization, service: 'lambda', request }, () => [{ ...call, context }]);

/** A request to S3 with its signature. */
interface BucketCall extends S3Request {
  readonly authorization: string;
  readonly signed?: CoveredRequest | undefined;
}

/** Returns the judge of buckets. */
export function bucketAuthorizer({ check }: AccessControl, { tables }: ApplicationModel) {
  const partition = partitionOf(tables[0]?.arn);
  return (request: BucketCall): Answer<S3Refusal> => {
    const { authorization, signed } = request;
    const refusal = check({ authorization, service: 's3', request: signed }, () => s3Accesses(request, partition));
    if (refusal instanceof Promise) return refusal.then((settled) => settled && s3Refusal(settled));
    return refusal && s3Refusal(refusal);
  };
}

/** A call of SQS with its signature. */
interface QueueCall extends SqsCall {
  readonly authorization: string;
  readonly signed?: CoveredRequest | undefined;
}

/** Returns the judge of queues. */
export function queueAuthorizer({ check }: AccessControl, { queues, region, accountId, tables }: ApplicationModel) {
  const facts = { queues, arnStart: `arn:${partitionOf(tables[0]?.arn)}:sqs:${region}:${accountId}:` };
  return ({ authorization, signed, ...call }: QueueCall): ReturnType<Check> =>
    check({ authorization, service: 'sqs', request: signed }, () => [sqsAccess(facts, call)]);
}

const partitionOf = (arn = ''): string => arn.split(':')[1] ?? 'aws';

/**
 * Returns the judge of `@connections`, and begins to judge what functions will ask, because the gateway's fast path
 * takes only what is judged already. API Gateway asks for any connection: its resource ends with `{connectionId}`.
 */
export function callbackAuthorizer(control: AccessControl, application: ApplicationModel) {
  const accessOf = (call: CallbackCall): Access => accessTo(MANAGE_CONNECTIONS, callbackArn(application, call));
  for (const { apiId, stages } of application.webSocketApis) {
    for (const { name: stage } of stages) {
      const access = accessOf({ apiId, stage, method: 'POST' });
      for (const session of control.sessions) control.prepare(session, access);
    }
  }
  return (authorization: string, call: CallbackCall, request?: CoveredRequest): ReturnType<Check> => {
    const refusal = control.check({ authorization, service: 'execute-api', request }, () => [accessOf(call)]);
    if (refusal instanceof Promise) return refusal.then((settled) => settled && inGatewayWords(settled));
    return refusal && inGatewayWords(refusal);
  };
}

/** Words a refusal as API Gateway does: without the part of policies, and with most digits of the account hidden. */
export function inGatewayWords(refusal: Refusal): Refusal {
  if (refusal.errorType !== 'AccessDeniedException') return refusal;
  const [, said = refusal.message] = /^(.*) because no .* allows/.exec(refusal.message) ?? [];
  return { ...refusal, message: said.replace(/(resource: arn:[^:]*:[^:]*:[^:]*):\d{8}/, '$1:********') };
}

const MANAGE_CONNECTIONS = 'execute-api:ManageConnections';

/** A request to the connections of a stage. */
interface CallbackCall {
  readonly apiId: string;
  readonly stage: string;
  readonly method: string;
}

function callbackArn({ region, accountId, tables }: ApplicationModel, { apiId, stage, method }: CallbackCall): string {
  const path = `${apiId}/${stage}/${method}/@connections/{connectionId}`;
  return `arn:${partitionOf(tables[0]?.arn)}:execute-api:${region}:${accountId}:${path}`;
}

const accessTo = (action: string, resource: string): Access => ({ action, resource, context: {} });

/** Checks the rights of all that reads a stream or a queue by itself, before any of it starts. */
export async function checkReadingRights(control: AccessControl, application: ApplicationModel): Promise<void> {
  await checkStreamRights(control, application);
  await checkQueueRights(control, application);
  await checkPipeRights(control, application);
}

/**
 * Checks what Lambda checks when it creates event source mappings. Throws RuntimeSetupError in its words for a function
 * that may not read its stream or write to its failure destination.
 */
export async function checkStreamRights(control: AccessControl, application: ApplicationModel): Promise<void> {
  for (const mapping of application.mappings) {
    const index = application.functions.findIndex(({ arn }) => arn === mapping.functionArn);
    const session = control.sessions[index];
    if (session !== undefined) await checkMapping({ control, mapping, session, application });
  }
}

/** Checks whether pipes may take on their roles and read their streams. Throws RuntimeSetupError where one may not. */
async function checkPipeRights(
  { judgeRole }: Pick<AccessControl, 'judgeRole'>,
  { pipes }: Pick<ApplicationModel, 'pipes'>,
): Promise<void> {
  for (const { roleArn, source } of pipes) {
    const denial = await judgeRole(
      { roleArn, caller: 'pipes.amazonaws.com' },
      STREAM_ACTIONS.map((action) => accessTo(`dynamodb:${action}`, source.streamArn)),
    );
    if (denial !== undefined) throw new RuntimeSetupError(`${source.logicalId}: ${denial.message}`);
  }
}

/** Checks what Lambda checks when it creates event source mappings of queues. */
async function checkQueueRights(control: AccessControl, application: ApplicationModel): Promise<void> {
  for (const { functionArn, queueArn, logicalId } of application.queueMappings) {
    const index = application.functions.findIndex(({ arn }) => arn === functionArn);
    const session = control.sessions[index];
    if (session !== undefined) await checkQueue({ control, session, logicalId }, QUEUE_ACTIONS, queueArn);
  }
}

async function checkQueue(
  { control, session, logicalId }: Pick<Checked, 'control' | 'session'> & { readonly logicalId: string },
  actions: readonly string[],
  queueArn: string,
): Promise<void> {
  const denial = await control.judge(
    session,
    actions.map((action) => accessTo(`sqs:${action}`, queueArn)),
  );
  if (denial === undefined) return;
  const action = denial.access.action.slice('sqs:'.length);
  throw new RuntimeSetupError(
    `${logicalId}: The provided execution role does not have permissions to call ${action} on SQS`,
  );
}

interface Checked {
  readonly control: AccessControl;
  readonly mapping: EventSourceMappingModel;
  readonly session: Session;
  readonly application: ApplicationModel;
}

async function checkMapping({ control, mapping, session, application }: Checked): Promise<void> {
  const { streamArn, failureBucket, failureQueue, logicalId } = mapping;
  const reads = STREAM_ACTIONS.map((action) => accessTo(`dynamodb:${action}`, streamArn));
  if ((await control.judge(session, reads)) !== undefined) {
    const needed = 'GetRecords, GetShardIterator, DescribeStream, and ListStreams Actions on your stream in IAM.';
    throw new RuntimeSetupError(
      `${logicalId}: Cannot access stream ${streamArn}. Please ensure the role can perform the ${needed}`,
    );
  }
  if (failureQueue !== undefined) await checkQueue({ control, session, logicalId }, ['SendMessage'], failureQueue);
  if (failureBucket === undefined) return;
  const bucket = `arn:${partitionOf(application.tables[0]?.arn)}:s3:::${failureBucket}`;
  const writes = [
    accessTo('s3:ListBucket', bucket),
    accessTo('s3:PutObject', `${bucket}/aws/lambda/${mapping.uuid}/*`),
  ];
  const denial = await control.judge(session, writes);
  if (denial === undefined) return;
  const action = denial.access.action.slice('s3:'.length);
  throw new RuntimeSetupError(
    `${logicalId}: The provided execution role does not have permissions to call ${action} on S3 (${failureBucket})`,
  );
}
