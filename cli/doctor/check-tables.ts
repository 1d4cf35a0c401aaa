import {
  describeStream,
  describeTtl,
  findRecoveryStatus,
  isDeletionProtected,
} from '../../shared/store/operator-tables.ts';
import { KEYS, MESSAGES, SUBSCRIPTIONS, TOPICS } from '../../shared/store/schema.ts';
import type { Backend } from '../backend.ts';
import { type Finding, ok, problem, skipped } from './finding.ts';

const DEPLOY = 'Somebody changed the table by hand: deploy the stack again.';

/** Checks the streams that deliver. Without one nothing is delivered, and no error shows it. */
export async function checkStreams(backend: Backend): Promise<Finding[]> {
  const { topicsTable, subscriptionsTable } = backend.stack.resources;
  return [
    await checkStream(backend, topicsTable, 'NEW_IMAGE'),
    await checkStream(backend, subscriptionsTable, 'NEW_AND_OLD_IMAGES'),
  ];
}

async function checkStream({ dynamodb, stack }: Backend, table: string, wanted: string): Promise<Finding> {
  const check = `stream of ${table}`;
  const { isOn, viewType } = await describeStream(dynamodb, table);
  if (!isOn) return problem(check, 'it is off: nothing is delivered', DEPLOY);
  // The local runtime's engine has both images, and its pollers cut them to the template's view.
  const isCutLater = stack.isLocal && viewType === 'NEW_AND_OLD_IMAGES';
  if (viewType === wanted || isCutLater) return ok(check, `on, with ${wanted}`);
  return problem(check, `it carries ${viewType ?? 'nothing'} instead of ${wanted}`, DEPLOY);
}

/** Checks that DynamoDB deletes expired records. */
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

async function checkTtl({ dynamodb }: Backend, table: string, attribute: string): Promise<Finding> {
  const check = `TTL of ${table}`;
  const ttl = await describeTtl(dynamodb, table);
  if (ttl.isOn && ttl.attribute === attribute) return ok(check, `on, by ${attribute}`);
  return problem(check, `it is ${ttl.status ?? 'off'}: records are never deleted`, DEPLOY);
}

/** Checks that the tables that must not be lost can be restored. */
export async function checkBackups(backend: Backend): Promise<Finding[]> {
  const { topicsTable, messagesTable } = backend.stack.resources;
  if (backend.stack.isLocal) return [skipped('point-in-time recovery', 'there is none in the local runtime')];
  return Promise.all([topicsTable, messagesTable].map((table) => checkBackup(backend, table)));
}

async function checkBackup({ dynamodb }: Backend, table: string): Promise<Finding> {
  const check = `point-in-time recovery of ${table}`;
  const status = await findRecoveryStatus(dynamodb, table);
  return status === 'ENABLED' ? ok(check, 'on') : problem(check, `it is ${status ?? 'off'}`, DEPLOY);
}

/** Checks that the tables that outlive the stack cannot be deleted by mistake. */
export async function checkDeletionProtection({ stack, dynamodb }: Pick<Backend, 'stack' | 'dynamodb'>) {
  const { topicsTable, messagesTable } = stack.resources;
  if (stack.isLocal) return [skipped('deletion protection', 'there is none in the local runtime')];
  return Promise.all(
    [topicsTable, messagesTable].map(async (table) => {
      const check = `deletion protection of ${table}`;
      return (await isDeletionProtected(dynamodb, table))
        ? ok(check, 'on')
        : problem(check, 'it is off: a script or a click can delete the table', DEPLOY);
    }),
  );
}
