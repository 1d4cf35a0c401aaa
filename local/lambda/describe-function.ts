import { createHash } from 'node:crypto';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { FunctionModel } from '../model.ts';
import { VERSION } from './function-finder.ts';

/** Files of a bundle that count for its size, at most, 20,000. A larger one is told smaller than it is. */
const FILES_MAXIMUM = 20_000;

/** Bytes of `/tmp` in MB, as Lambda gives them without a setting. */
const TMP_MB = 512;

/** The version that every alias here leads to. */
const FIRST_VERSION = '1';

/** A function to describe. */
export interface DescribedLambda {
  readonly model: FunctionModel;
  /** The version or alias that the caller named. Default: none. */
  readonly qualifier?: string | undefined;
  /** The time in epoch ms of the runtime's start. */
  readonly startedAtMs: number;
  readonly code: CodeFacts;
}

/** The code of a function, as its configuration tells it. */
interface CodeFacts {
  readonly size: number;
  /** A digest of the names, sizes and times of the files: nobody waits until all are read. */
  readonly digest: string;
}

/** Returns the `FunctionConfiguration` of a function as `ListFunctions` has it: without its state. */
export function listedConfiguration({ model, qualifier, startedAtMs, code }: DescribedLambda): object {
  return {
    FunctionName: model.name,
    FunctionArn: qualifier === undefined ? model.arn : `${model.arn}:${qualifier}`,
    Runtime: model.runtime,
    Role: model.roleArn,
    Handler: model.handler,
    CodeSize: code.size,
    Description: '',
    Timeout: model.timeoutSeconds,
    MemorySize: model.memoryMb,
    LastModified: new Date(startedAtMs).toISOString().replace('Z', '+0000'),
    CodeSha256: code.digest,
    Version: versionOf(qualifier),
    ...(model.deadLetterQueue === undefined ? {} : { DeadLetterConfig: { TargetArn: model.deadLetterQueue } }),
    ...(Object.keys(model.environment).length === 0 ? {} : { Environment: { Variables: model.environment } }),
    TracingConfig: { Mode: 'PassThrough' },
    PackageType: 'Zip',
    Architectures: ['x86_64'],
    EphemeralStorage: { Size: TMP_MB },
    SnapStart: { ApplyOn: 'None', OptimizationStatus: 'Off' },
    LoggingConfig: { LogFormat: 'Text', LogGroup: model.logGroupName },
  };
}

/** Returns the `FunctionConfiguration` of a function as `GetFunctionConfiguration` has it: with its state. */
export function functionConfiguration(described: DescribedLambda): object {
  return { ...listedConfiguration(described), State: 'Active', LastUpdateStatus: 'Successful' };
}

/** Returns the answer of `GetFunction`. The code is where it runs from. */
export function describedFunction(described: DescribedLambda): object {
  const Code = { RepositoryType: 'S3', Location: pathToFileURL(described.model.codeDirectory).href };
  return { Configuration: functionConfiguration(described), Code };
}

/** Returns the version that a qualifier means. */
function versionOf(qualifier: string | undefined): string {
  return qualifier === undefined || qualifier === VERSION ? VERSION : FIRST_VERSION;
}

/** Measures the code in a directory. */
export function measureCode(directory: string): CodeFacts {
  const hash = createHash('sha256');
  let size = 0;
  const entries = readdirSync(directory, { recursive: true, withFileTypes: true });
  for (const entry of entries.filter((one) => one.isFile()).slice(0, FILES_MAXIMUM)) {
    const file = join(entry.parentPath, entry.name);
    const { size: bytes, mtimeMs } = statSync(file);
    size += bytes;
    hash.update(`${file} ${bytes} ${mtimeMs}\n`);
  }
  return { size, digest: hash.digest('base64') };
}
