import { DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { GetObjectCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { type Runtime, type RuntimeDeps, type RuntimeOptions, startRuntime } from '../../local/runtime.ts';
import { createTerminal } from '../../local/terminal.ts';
import { testAssembly } from './runtime.ts';

const CREDENTIALS = { accessKeyId: 'test', secretAccessKey: 'test' } as const;

/** Retries quicker than a person waits; their number stays the template's. */
const QUICK_RETRIES = { retryBaseMs: 10, retryCapMs: 100 } as const;

export interface RuntimeBench {
  readonly runtime: Runtime;
  readonly dynamodb: DynamoDBClient;
  /** Physical name of the table whose output has this name. */
  readonly output: (name: string) => string;
  /** The failure records that were given up so far. */
  readonly failures: () => Promise<FailureRecord[]>;
  readonly log: () => string;
  readonly stop: () => Promise<void>;
}

interface FailureRecord {
  readonly requestContext: { readonly condition: string };
  readonly payload: string;
}

/** A runtime in this process, so that a test can inject faults into it. */
export async function startBench(
  deps: Partial<RuntimeDeps> = {},
  options: Partial<RuntimeOptions> = {},
): Promise<RuntimeBench> {
  const lines: string[] = [];
  const terminal = createTerminal({ write: (text) => void lines.push(text), color: false });
  const runtime = await startRuntime(
    { assembly: testAssembly(), port: 0, engine: 'dynoxide', tuning: QUICK_RETRIES, ...options },
    { terminal, ...deps },
  );
  const region = runtime.application.region;
  const dynamodb = new DynamoDBClient({ endpoint: runtime.endpoints.dynamodb, region, credentials: CREDENTIALS });
  const s3 = new S3Client({ endpoint: runtime.endpoints.s3, region, credentials: CREDENTIALS, forcePathStyle: true });
  const output = (name: string): string => runtime.application.outputs[name] ?? '';
  return {
    runtime,
    dynamodb,
    output,
    failures: () => readFailures(s3, output('FailuresBucket')),
    log: () => lines.join(''),
    stop: async () => {
      await runtime.stop();
      dynamodb.destroy();
      s3.destroy();
    },
  };
}

async function readFailures(s3: S3Client, Bucket: string): Promise<FailureRecord[]> {
  const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket }));
  return Promise.all(
    Contents.map(async ({ Key }) => {
      const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key }));
      return JSON.parse((await Body?.transformToString()) ?? '');
    }),
  );
}

/** An item of the Topics table that claims to be a change and is not a whole one. */
export const poisonItem = (topic: string) => ({ topic: { S: topic }, seq: { N: '1' }, message: { S: 'no epoch' } });

/** Writes a poison item into the Topics table. */
export async function writePoison({ dynamodb, output }: RuntimeBench, topic: string): Promise<void> {
  await dynamodb.send(new PutItemCommand({ TableName: output('TopicsTable'), Item: poisonItem(topic) }));
}
