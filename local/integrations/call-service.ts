import { request } from 'node:http';
import { text } from 'node:stream/consumers';
import type { Endpoints } from '../endpoints.ts';
import type { AccessControl } from '../iam/access-control.ts';
import { dynamodbReader } from '../iam/read-dynamodb.ts';
import type { Access } from '../iam/evaluate.ts';
import type { RoleRefusal } from '../iam/judge-role.ts';
import type { ApplicationModel, Invoke } from '../model.ts';
import { toolHeaders } from '../tool-headers.ts';
import type { CallService, ServiceAnswer, ServiceCall } from './run-templated.ts';

/** Time in ms until a call of a service of this machine is given up: an integration waits no longer. */
const CALL_MS = 29_000;
/** The status of a call that the role may not make. */
const DENIED = 400;
/** The status of an invocation that the role may not make. */
const INVOCATION_DENIED = 403;
/** The status of an invocation of a function with too many waiting ones. */
const THROTTLED = 429;
/** The status of a function that failed. */
const FUNCTION_FAILED = 502;

/** The parts of a runtime that API Gateway calls directly. */
export interface ServiceDeps {
  readonly application: ApplicationModel;
  readonly endpoints: Pick<Endpoints, 'dynamodb' | 'sqs'>;
  readonly access: Pick<AccessControl, 'judgeRole'>;
  readonly invoke: Invoke;
}

/** A prepared request to a service. */
interface Prepared {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly accesses: readonly Access[];
}

/** Returns the caller of services: each call is judged by the policies of its role. */
export function createCallService({ application, endpoints, access, invoke }: ServiceDeps): CallService {
  const read = dynamodbReader(application);
  return async (call) => {
    const { target, roleArn, caller } = call;
    if (target.kind === 'lambda') return invokeFunction(call, target.functionArn, { access, invoke });
    const prepared = prepare(call, { application, endpoints, read });
    const denial = await access.judgeRole({ roleArn, caller }, prepared.accesses);
    if (denial !== undefined) return deniedAnswer(DENIED, denial);
    return send(prepared);
  };
}

/** Returns the answer to a call that the role may not make. Throws for a role that the caller may not take on. */
function deniedAnswer(status: number, { message, isUntrusted = false }: RoleRefusal): ServiceAnswer {
  if (isUntrusted) throw new Error(`Execution failed due to configuration error: ${message}`);
  return { status, body: JSON.stringify({ __type: 'AccessDeniedException', Message: message }) };
}

/** Invokes a function, by the rights of the role if there is one, and otherwise by a permission. */
async function invokeFunction(
  { body, roleArn, caller, source, signal }: ServiceCall,
  arn: string,
  { access, invoke }: Pick<ServiceDeps, 'access' | 'invoke'>,
): Promise<ServiceAnswer> {
  const accesses = [{ action: 'lambda:InvokeFunction', resource: arn, context: {} }];
  const denial = roleArn === undefined ? undefined : await access.judgeRole({ roleArn, caller }, accesses);
  if (denial !== undefined) return deniedAnswer(INVOCATION_DENIED, denial);
  const event: unknown = JSON.parse(body === '' ? '{}' : body);
  const result = await invoke(arn, event, { source, ...(signal === undefined ? {} : { signal }) });
  if (result.outcome === 'success') return { status: 200, body: JSON.stringify(result.payload ?? null) };
  const isThrottled = result.outcome === 'service-error' && result.isThrottled === true;
  return { status: isThrottled ? THROTTLED : FUNCTION_FAILED, body: result.errorMessage };
}

interface Known extends Pick<ServiceDeps, 'application' | 'endpoints'> {
  readonly read: ReturnType<typeof dynamodbReader>;
}

function prepare({ target, body }: ServiceCall, { application, endpoints, read }: Known): Prepared {
  if (target.kind === 'dynamodb') {
    const name = `DynamoDB_20120810.${target.operation}`;
    const { accesses } = read(
      { target: name, body: Buffer.from(body), bytes: Buffer.alloc(0), authorization: undefined },
      () => true,
    );
    return { url: endpoints.dynamodb, headers: jsonHeaders(name, 'dynamodb', application.region), body, accesses };
  }
  const parameters = readParameters(body);
  return target.kind === 'sqs'
    ? prepareMessage(parameters, target.queueName, { application, endpoints })
    : preparePublication(parameters, endpoints);
}

/** Reads parameters of the query protocol. The first one of a name counts: the call that is judged is the one sent. */
function readParameters(body: string): URLSearchParams {
  const given = new URLSearchParams(body.trim());
  const first = new URLSearchParams();
  for (const [name, value] of given) if (!first.has(name)) first.append(name, value);
  return first;
}

function refuseOtherActions(action: string | null, known: string): void {
  if (action !== known) throw new Error(`the action ${action ?? ''} is not supported: ${known} only`);
}

function prepareMessage(
  parameters: URLSearchParams,
  queueName: string,
  { application, endpoints }: Omit<Known, 'read'>,
): Prepared {
  refuseOtherActions(parameters.get('Action'), 'SendMessage');
  const queue = application.queues.find(({ name }) => name === queueName);
  return {
    url: endpoints.sqs,
    headers: jsonHeaders('AmazonSQS.SendMessage', 'sqs', application.region),
    body: JSON.stringify({ QueueUrl: queue?.url ?? '', ...messageOf(parameters) }),
    accesses: [{ action: 'sqs:SendMessage', resource: queue?.arn ?? '*', context: {} }],
  };
}

/** Returns a call of `Publish`, which the integration's URI may name instead of the parameters. */
function preparePublication(parameters: URLSearchParams, endpoints: ServiceDeps['endpoints']): Prepared {
  refuseOtherActions(parameters.get('Action') ?? 'Publish', 'Publish');
  parameters.set('Action', 'Publish');
  return {
    url: endpoints.sqs,
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: parameters.toString(),
    accesses: [
      {
        action: 'sns:Publish',
        resource: parameters.get('TopicArn') ?? parameters.get('TargetArn') ?? '*',
        context: {},
      },
    ],
  };
}

/** Returns the input of `SendMessage` from the parameters of the query protocol. */
function messageOf(parameters: URLSearchParams): Readonly<Record<string, unknown>> {
  const optional = ['MessageGroupId', 'MessageDeduplicationId'].flatMap((name) => {
    const value = parameters.get(name);
    return value === null || value === '' ? [] : [[name, value] as const];
  });
  const delay = parameters.get('DelaySeconds');
  return {
    MessageBody: parameters.get('MessageBody') ?? '',
    ...Object.fromEntries(optional),
    ...(delay === null ? {} : { DelaySeconds: Number(delay) }),
    MessageAttributes: attributesOf(parameters),
  };
}

/** Returns the attributes of a message, which the query protocol numbers from 1. */
function attributesOf(parameters: URLSearchParams): Readonly<Record<string, unknown>> {
  const names = [...parameters].flatMap(([key, name]) => {
    const start = /^(MessageAttribute\.\d+)\.Name$/.exec(key)?.[1];
    return start === undefined ? [] : [[start, name] as const];
  });
  return Object.fromEntries(
    names.map(([start, name]) => [
      name,
      {
        DataType: parameters.get(`${start}.Value.DataType`) ?? 'String',
        StringValue: parameters.get(`${start}.Value.StringValue`) ?? '',
      },
    ]),
  );
}

const jsonHeaders = (target: string, service: string, region: string): Readonly<Record<string, string>> => ({
  'content-type': 'application/x-amz-json-1.0',
  'x-amz-target': target,
  ...toolHeaders(service, region),
});

function send({ url, headers, body }: Prepared): Promise<ServiceAnswer> {
  return new Promise((resolve, reject) => {
    const options = {
      method: 'POST',
      headers: { ...headers, 'content-length': String(Buffer.byteLength(body)) },
      timeout: CALL_MS,
    };
    const call = request(url, options, (response) => {
      text(response).then((answer) => resolve({ status: response.statusCode ?? 0, body: answer }), reject);
    });
    call.on('timeout', () => call.destroy(new Error('the service does not answer')));
    call.on('error', reject);
    call.end(body);
  });
}
