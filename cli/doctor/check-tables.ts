import {
  DescribeContinuousBackupsCommand,
  DescribeTableCommand,
  DescribeTimeToLiveCommand,
} from '@aws-sdk/client-dynamodb';
import { KEYS, MESSAGES, SUBSCRIPTIONS, TOPICS } from '../../shared/store/schema.ts';
import type { Backend } from '../backend.ts';
import { type Finding, ok, problem, skipped } from './finding.ts';

const DEPLOY = 'Somebody changed the table by hand: deploy the stack again.';

/** The streams that deliver. Without one, nothing goes out and nothing complains. */
export async function checkStreams(backend: Backend): Promise<Finding[]> {
  const { topicsTable, subscriptionsTable } = backend.stack.resources;
  return [
    await checkStream(backend, topicsTable, 'NEW_IMAGE'),
    await checkStream(backend, subscriptionsTable, 'NEW_AND_OLD_IMAGES'),
  ];
}

async function checkStream({ dynamodb, stack }: Backend, TableName: string, wanted: string): Promise<Finding> {
  const check = `stream of ${TableName}`;
  const { Table } = await dynamodb.send(new DescribeTableCommand({ TableName }));
  const { StreamEnabled, StreamViewType } = Table?.StreamSpecification ?? {};
  if (StreamEnabled !== true) return problem(check, 'it is off: nothing is delivered', DEPLOY);
  // The local runtime's engine has both images, and its pollers cut them to what the template says.
  const isCutLater = stack.isLocal && StreamViewType === 'NEW_AND_OLD_IMAGES';
  if (StreamViewType === wanted || isCutLater) return ok(check, `on, with ${wanted}`);
  return problem(check, `it carries ${StreamViewType ?? 'nothing'} instead of ${wanted}`, DEPLOY);
}

/** Whether old records go by themselves. */
export async function checkTimeToLive(backend: Backend): Promise<Finding[]> {
  const { topicsTable, messagesTable, keysTable, subscriptionsTable } = backend.stack.resources;
  if (backend.stack.isLocal) return [skipped('TTL', 'the local runtime deletes by what the template says')];
  const wanted = [
    [topicsTable, TOPICS.ttl],
    [messagesTable, MESSAGES.ttl],
    [keysTable, KEYS.ttl],
    [subscriptionsTable, SUBSCRIPTIONS.ttl],
  ] as const;
  return Promise.all(wanted.map(([table, attribute]) => checkTtl(backend, table, attribute)));
}

async function checkTtl({ dynamodb }: Backend, TableName: string, attribute: string): Promise<Finding> {
  const check = `TTL of ${TableName}`;
  const { TimeToLiveDescription: ttl } = await dynamodb.send(new DescribeTimeToLiveCommand({ TableName }));
  if (ttl?.TimeToLiveStatus === 'ENABLED' && ttl.AttributeName === attribute) return ok(check, `on, by ${attribute}`);
  return problem(check, `it is ${ttl?.TimeToLiveStatus ?? 'off'}: records are never deleted`, DEPLOY);
}

/** Whether the tables that must not be lost can be restored. */
export async function checkBackups(backend: Backend): Promise<Finding[]> {
  const { topicsTable, messagesTable } = backend.stack.resources;
  if (backend.stack.isLocal) return [skipped('point-in-time recovery', 'there is none in the local runtime')];
  return Promise.all([topicsTable, messagesTable].map((table) => checkBackup(backend, table)));
}

async function checkBackup({ dynamodb }: Backend, TableName: string): Promise<Finding> {
  const check = `point-in-time recovery of ${TableName}`;
  const answer = await dynamodb.send(new DescribeContinuousBackupsCommand({ TableName }));
  const status = answer.ContinuousBackupsDescription?.PointInTimeRecoveryDescription?.PointInTimeRecoveryStatus;
  return status === 'ENABLED' ? ok(check, 'on') : problem(check, `it is ${status ?? 'off'}`, DEPLOY);
}
