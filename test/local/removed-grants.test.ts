import { loadAssembly } from '../../local/assembly/load-assembly.ts';
import { type AccessControl, createAccessControl } from '../../local/iam/access-control.ts';
import { bucketAuthorizer, callbackAuthorizer, checkStreamRights, lambdaAuthorizer } from '../../local/iam/enforce.ts';
import type { ApplicationModel } from '../../local/model.ts';
import { functionOf, withoutGrant } from '../helpers/removed-grant.ts';
import { testAssembly } from '../helpers/runtime.ts';

/** An act of a function. Resolves to the words in which the service refuses it; undefined where it does not. */
type Attempt = (access: AccessControl, application: ApplicationModel) => Promise<string | undefined>;

const SILENT = { warn: () => undefined };

/** A signature's header, as far as a judge reads it. */
const signature = (accessKeyId: string, service: string, region = 'us-east-1') =>
  `AWS4-HMAC-SHA256 Credential=${accessKeyId}/20261129/${region}/${service}/aws4_request, SignedHeaders=host, Signature=0`;

const keyOf = (access: AccessControl, application: ApplicationModel, logicalId: string): string =>
  access.credentialsOf(functionOf(application, logicalId).arn)?.accessKeyId ?? '';

const tableOf = ({ tables }: ApplicationModel, name: string): string =>
  tables.find(({ logicalId }) => logicalId.startsWith(`Tables${name}`))?.name ?? '';

/** The call of an operation of DynamoDB by a function. Tables are named without their prefix. */
const dynamodb =
  (by: string, operation: string, input: (table: (name: string) => string) => object): Attempt =>
  async (access, application) => {
    const answer = await access.guardDynamodb({
      bytes: Buffer.alloc(0),
      body: Buffer.from(JSON.stringify(input((name) => tableOf(application, name)))),
      authorization: signature(keyOf(access, application, by), 'dynamodb'),
      target: `DynamoDB_20120810.${operation}`,
    });
    if (answer === undefined) return undefined;
    const { __type: type, Message: message } = JSON.parse(answer.slice(answer.indexOf('\r\n\r\n')));
    return `${answer.slice(0, answer.indexOf('\r\n'))} ${type} ${message}`;
  };

/** A post to the application's stage. */
const postTo = ({ webSocketApis: [api] }: ApplicationModel) => ({
  apiId: api?.apiId ?? '',
  stage: 'live',
  method: 'POST',
});

const callback: Attempt = async (access, application) => {
  const authorize = callbackAuthorizer(access, application);
  const refusal = await authorize(
    signature(keyOf(access, application, 'FunctionsBroadcastF'), 'execute-api'),
    postTo(application),
  );
  return refusal && `${refusal.errorType} ${refusal.message}`;
};

const invocation: Attempt = async (access, application) => {
  const key = keyOf(access, application, 'FunctionsBroadcastF');
  const { arn: resource } = functionOf(application, 'FunctionsShardWorkerF');
  const refusal = await lambdaAuthorizer(access)(signature(key, 'lambda'), {
    action: 'lambda:InvokeFunction',
    resource,
  });
  return refusal && `${refusal.errorType} ${refusal.message}`;
};

const mappings: Attempt = (access, application) =>
  checkStreamRights(access, application).then(
    () => undefined,
    (error: unknown) => String(error),
  );

/** Each grant that is taken away: from whom, which, on what; what is tried then, and what the service says. */
const CASES: readonly [string, string, readonly [string, string], Attempt, string][] = [
  [
    'GetItem',
    'FunctionsPresenceF',
    ['dynamodb:GetItem', 'Topics'],
    dynamodb('FunctionsPresenceF', 'GetItem', (table) => ({ TableName: table('Topics'), Key: { topic: { S: 'a' } } })),
    'perform: dynamodb:GetItem on resource: TOPICS because no identity-based policy allows the dynamodb:GetItem action',
  ],
  [
    'Query of an index',
    'FunctionsBroadcastF',
    ['dynamodb:Query', '/index/'],
    dynamodb('FunctionsBroadcastF', 'Query', (table) => ({ TableName: table('Subscriptions'), IndexName: 'byTopic' })),
    'perform: dynamodb:Query on resource: SUBSCRIPTIONS/index/byTopic because no identity-based policy allows',
  ],
  [
    'Query of a table',
    'FunctionsDisconnectF',
    ['dynamodb:Query', 'Subscriptions'],
    dynamodb('FunctionsDisconnectF', 'Query', (table) => ({ TableName: table('Subscriptions') })),
    'perform: dynamodb:Query on resource: SUBSCRIPTIONS because no identity-based policy allows',
  ],
  [
    'UpdateItem',
    'FunctionsPublishF',
    ['dynamodb:UpdateItem', 'Topics'],
    dynamodb('FunctionsPublishF', 'UpdateItem', (table) => ({ TableName: table('Topics') })),
    'perform: dynamodb:UpdateItem on resource: TOPICS because no identity-based policy allows',
  ],
  [
    'PutItem of a transaction',
    'FunctionsPublishF',
    ['dynamodb:PutItem', 'Keys'],
    dynamodb('FunctionsPublishF', 'TransactWriteItems', (table) => ({
      TransactItems: [{ Update: { TableName: table('Topics') } }, { Put: { TableName: table('Keys') } }],
    })),
    'perform: dynamodb:PutItem on resource: KEYS because no identity-based policy allows',
  ],
  [
    'BatchWriteItem',
    'FunctionsConnectF',
    ['dynamodb:BatchWriteItem', 'Subscriptions'],
    dynamodb('FunctionsConnectF', 'BatchWriteItem', (table) => ({ RequestItems: { [table('Subscriptions')]: [] } })),
    'perform: dynamodb:BatchWriteItem on resource: SUBSCRIPTIONS because no identity-based policy allows',
  ],
  [
    'BatchGetItem',
    'FunctionsPresenceF',
    ['dynamodb:BatchGetItem', 'Subscriptions'],
    dynamodb('FunctionsPresenceF', 'BatchGetItem', (table) => ({ RequestItems: { [table('Subscriptions')]: {} } })),
    'perform: dynamodb:BatchGetItem on resource: SUBSCRIPTIONS because no identity-based policy allows',
  ],
  [
    'ManageConnections',
    'FunctionsBroadcastF',
    ['execute-api:ManageConnections', '/POST/'],
    callback,
    'perform: execute-api:ManageConnections on resource: STAGE/POST/@connections/{connectionId}',
  ],
  [
    'Invoke of the shard worker',
    'FunctionsBroadcastF',
    ['lambda:InvokeFunction', 'ShardWorker'],
    invocation,
    'perform: lambda:InvokeFunction on resource: SHARD_WORKER because no identity-based policy allows',
  ],
  [
    'reading the stream',
    'FunctionsBroadcastF',
    ['dynamodb:GetRecords', '/stream/'],
    mappings,
    'Cannot access stream TOPICS/stream/2026-01-01T00:00:00.000. Please ensure the role can perform the GetRecords',
  ],
  [
    'PutObject of the failure bucket',
    'FunctionsCatchUpF',
    ['s3:PutObject', 'aws/lambda'],
    mappings,
    'The provided execution role does not have permissions to call PutObject on S3',
  ],
];

describe('a grant that is missing in the template', () => {
  const application = loadAssembly(testAssembly(), { port: 4000 });

  /** Replaces the names of ARNs of this application in a text. */
  function filled(text: string): string {
    const arn = (service: string, rest: string) => `arn:aws:${service}:us-east-1:000000000000:${rest}`;
    return text
      .replace(/TOPICS|SUBSCRIPTIONS|KEYS/, (name) => {
        return arn('dynamodb', `table/${tableOf(application, `${name[0]}${name.slice(1).toLowerCase()}`)}`);
      })
      .replace('STAGE', `arn:aws:execute-api:us-east-1:********0000:${postTo(application).apiId}/live`)
      .replace('SHARD_WORKER', functionOf(application, 'FunctionsShardWorkerF').arn);
  }

  it.each(CASES)('%s: is refused in the words of the service, and with the grant it passes', async (...row) => {
    const [, logicalId, grant, attempt, words] = row;
    const broken = withoutGrant(application, logicalId, grant);

    await expect(attempt(createAccessControl(application, SILENT), application)).resolves.toBeUndefined();
    await expect(attempt(createAccessControl(broken, SILENT), broken)).resolves.toContain(filled(words));
  });

  it('names the session of the role, and is told once in the terminal', async () => {
    const warnings: string[] = [];
    const broken = withoutGrant(application, 'FunctionsPublishF', ['dynamodb:UpdateItem', 'Topics']);
    const access = createAccessControl(broken, { warn: (line) => void warnings.push(line) });
    const [, , , attempt] = CASES.find(([name]) => name === 'UpdateItem') ?? [];
    const first = await attempt?.(access, broken);
    const again = await attempt?.(access, broken);
    const role = application.roles.find(
      ({ arn }) => arn === functionOf(application, 'FunctionsPublishF').roleArn,
    )?.name;

    expect(first).toContain('HTTP/1.1 400 Bad Request com.amazon.coral.service#AccessDeniedException User: ');
    expect(first).toContain(`arn:aws:sts::000000000000:assumed-role/${role}/`);
    expect(again).toBe(first);
    expect(warnings).toHaveLength(1);
  });

  it('is not told of a function that never asks', async () => {
    const warnings: string[] = [];
    const access = createAccessControl(application, { warn: (line) => void warnings.push(line) });
    const authorize = callbackAuthorizer(access, application);
    const by = (logicalId: string) =>
      authorize(signature(keyOf(access, application, logicalId), 'execute-api'), postTo(application));

    expect(await by('FunctionsBroadcastF')).toBeUndefined();
    expect(warnings).toEqual([]);
    expect(await by('FunctionsPublishF')).toMatchObject({ errorType: 'AccessDeniedException' });
    expect(warnings).toHaveLength(1);
  });

  it('is not asked of a tool with keys of its own at the bucket', async () => {
    const authorize = bucketAuthorizer(createAccessControl(application, SILENT), application);
    const [bucket] = application.buckets;
    const by = (key: string, region?: string) =>
      authorize({ method: 'GET', url: `/${bucket?.name}/key`, authorization: signature(key, 's3', region) });
    const publish = keyOf(createAccessControl(application, SILENT), application, 'FunctionsPublishF');

    expect(await by('local')).toBeUndefined();
    expect(await by('AKIAIOSFODNN7EXAMPLE')).toMatchObject({ status: 403, code: 'InvalidAccessKeyId' });
    expect(await by(publish, 'eu-west-1')).toMatchObject({ status: 400, code: 'AuthorizationHeaderMalformed' });
    expect(await by(publish)).toMatchObject({ status: 403, code: 'AccessDenied' });
  });
});
