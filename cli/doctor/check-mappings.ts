import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import {
  type EventSourceMappingConfiguration,
  GetEventSourceMappingCommand,
  LambdaClient,
  ListEventSourceMappingsCommand,
} from '@aws-sdk/client-lambda';
import { describeStream } from '../../shared/store/operator-tables.ts';
import { runBounded } from '../../shared/run-bounded.ts';
import type { Backend } from '../backend.ts';
import { CLI_BOUNDS } from '../bounds.ts';
import { listStackResources, type StackResource } from '../list-stack-resources.ts';
import { nameWithin } from '../logical-ids.ts';
import { type Finding, ok, problem, skipped } from './finding.ts';

const CHECK = 'event source mapping';
const DEPLOY = 'Somebody changed it by hand: deploy the stack again.';

/** The page size of the list of mappings: one page holds all. More than two would starve each other. */
const MAPPINGS_PER_STREAM = 100;

/** The mapping of a source of topics, by its name within the instance. */
const SOURCE_MAPPING = /^(TopicsFrom[A-Za-z0-9]*)Stream$/;

/**
 * Checks the event source mappings of both streams and of the sources of topics, and what they do with records that
 * fail.
 */
export async function checkMappings(backend: Backend): Promise<Finding[]> {
  if (backend.stack.isLocal) return [skipped(CHECK, 'the local runtime reads streams as the template says')];
  const { topicsTable, subscriptionsTable } = backend.stack.resources;
  const client = new LambdaClient({});
  try {
    const found = await Promise.all([topicsTable, subscriptionsTable].map((table) => list(backend, client, table)));
    return [...found.flat(), ...(await checkSources(backend, client))];
  } finally {
    client.destroy();
  }
}

/** Checks the mappings that read the application's tables. An application's stream may have other readers, too. */
async function checkSources({ stack }: Backend, client: LambdaClient): Promise<Finding[]> {
  const { stackName, instance, region } = stack;
  if (stackName === undefined) return [];
  const cloudformation = new CloudFormationClient({ region });
  try {
    const mappings = sourceMappingsOf(await listStackResources(cloudformation, stackName), instance);
    const found = await runBounded(mappings, CLI_BOUNDS.READ_CONCURRENCY, async ({ source, uuid }) =>
      findingsOf(source, [await client.send(new GetEventSourceMappingCommand({ UUID: uuid }))]),
    );
    return found.flat();
  } finally {
    cloudformation.destroy();
  }
}

interface SourceMapping {
  readonly source: string;
  readonly uuid: string;
}

/** Returns the mappings of an instance's sources of topics among a stack's resources. */
export const sourceMappingsOf = (resources: readonly StackResource[], instance: string): readonly SourceMapping[] =>
  resources.flatMap(({ logicalId, physicalId: uuid }) => {
    const source = SOURCE_MAPPING.exec(nameWithin(instance, logicalId) ?? '')?.[1];
    return source === undefined ? [] : [{ source, uuid }];
  });

async function list({ dynamodb }: Backend, client: LambdaClient, table: string): Promise<Finding[]> {
  const { arn } = await describeStream(dynamodb, table);
  // Without a stream there is nothing to read; the check of streams says so.
  if (arn === undefined) return [];
  const input = { EventSourceArn: arn, MaxItems: MAPPINGS_PER_STREAM };
  const { EventSourceMappings = [] } = await client.send(new ListEventSourceMappingsCommand(input));
  return findingsOf(table, EventSourceMappings);
}

/** Returns the findings on the mappings of one table's stream, or of one source. */
export function findingsOf(table: string, mappings: readonly EventSourceMappingConfiguration[]): Finding[] {
  const check = `${CHECK} of ${table}`;
  if (mappings.length === 0) return [problem(check, 'there is none: nothing reads the stream', DEPLOY)];
  const faults = mappings.flatMap(faultsOf);
  if (faults.length === 0) return [ok(check, 'enabled; retries, record age and failure destination are set')];
  return faults.map((found) => problem(check, found, DEPLOY));
}

/** Lambda's default, which retries a bad record until it expires. */
const ENDLESS = -1;

function faultsOf(mapping: EventSourceMappingConfiguration): string[] {
  const destination = mapping.DestinationConfig?.OnFailure?.Destination;
  const wrong = [
    [mapping.State !== 'Enabled', `it is ${mapping.State ?? 'off'}: the stream is not read`],
    [!destination, 'it has no failure destination: what is given up is lost'],
    [
      (mapping.MaximumRetryAttempts ?? ENDLESS) === ENDLESS,
      'retries are unset: a bad record holds up its shard for a day',
    ],
    [(mapping.MaximumRecordAgeInSeconds ?? ENDLESS) === ENDLESS, 'the record age is unset'],
    [mapping.BisectBatchOnFunctionError !== true, 'batches are not halved: a bad record takes others with it'],
    [!mapping.FunctionResponseTypes?.includes('ReportBatchItemFailures'), 'partial answers are off'],
  ] as const;
  return wrong.flatMap(([isWrong, found]) => (isWrong ? [found] : []));
}
