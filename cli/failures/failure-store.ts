import { DeleteObjectCommand, GetObjectCommand, ListObjectsV2Command } from '@aws-sdk/client-s3';
import { KEPT_PREFIX } from '../../shared/from-table/kept-record.ts';
import { runBounded } from '../../shared/run-bounded.ts';
import type { Backend } from '../backend.ts';
import { CLI_BOUNDS } from '../bounds.ts';
import { OperatorError } from '../operator-error.ts';
import { decodeFailure, type Failure, type FailureObject } from './failure.ts';

/** The prefix under which Lambda writes the batches that it gave up, and that of records that cannot be published. */
const PREFIXES = ['aws/lambda/', KEPT_PREFIX] as const;

/** Lists the failures in the bucket, the newest first. */
export async function listFailures(backend: Backend): Promise<FailureObject[]> {
  const found = await Promise.all(PREFIXES.map((prefix) => listUnder(backend, prefix)));
  return found.flat().toSorted((a, b) => (nameOf(a.key) < nameOf(b.key) ? 1 : -1));
}

async function listUnder({ stack, s3 }: Backend, Prefix: string): Promise<FailureObject[]> {
  const found: FailureObject[] = [];
  let from: string | undefined;
  do {
    const page = await s3.send(
      new ListObjectsV2Command({ Bucket: stack.resources.failuresBucket, Prefix, ContinuationToken: from }),
    );
    for (const { Key = '', LastModified = new Date(0), Size = 0 } of page.Contents ?? []) {
      found.push({ id: idOf(Key), key: Key, writtenAt: LastModified, bytes: Size });
    }
    from = page.NextContinuationToken;
  } while (from !== undefined && found.length < CLI_BOUNDS.FAILURES);
  return found;
}

/** Returns the end of a key, `2026-11-20T12.00.00-UUID`: it sorts by time across mappings and shards. */
const nameOf = (key: string): string => key.slice(key.lastIndexOf('/') + 1);

const UUID_LENGTH = 36;
const idOf = (key: string): string => nameOf(key).slice(-UUID_LENGTH);

/** Returns the failure that this id or its beginning names. Throws OperatorError. */
export function findFailure(objects: readonly FailureObject[], id: string): FailureObject {
  const [found, ...more] = objects.filter((object) => object.id.startsWith(id));
  if (found === undefined) throw new OperatorError(`There is no failure ${id}. See distributary failures list`);
  if (more.length > 0) throw new OperatorError(`${more.length + 1} failures begin with ${id}: write more of the id.`);
  return found;
}

/** Reads failures, in their order. */
export const readFailures = (backend: Backend, objects: readonly FailureObject[]): Promise<Failure[]> =>
  runBounded(objects, CLI_BOUNDS.READ_CONCURRENCY, (object) => readFailure(backend, object));

async function readFailure({ stack, s3 }: Backend, object: FailureObject): Promise<Failure> {
  const { Body } = await s3.send(new GetObjectCommand({ Bucket: stack.resources.failuresBucket, Key: object.key }));
  return decodeFailure(object, (await Body?.transformToString()) ?? '', stack.resources);
}

/** Deletes a failure. */
export async function removeFailure({ stack, s3 }: Backend, key: string): Promise<void> {
  await s3.send(new DeleteObjectCommand({ Bucket: stack.resources.failuresBucket, Key: key }));
}

/** Deletes failures, a few at a time, until an interrupt. Resolves to the number of those that were deleted. */
export async function removeFailures(
  backend: Backend,
  objects: readonly FailureObject[],
  interrupted: AbortSignal,
): Promise<number> {
  let removed = 0;
  await runBounded(objects, CLI_BOUNDS.READ_CONCURRENCY, async ({ key }) => {
    if (interrupted.aborted) return;
    await removeFailure(backend, key);
    removed += 1;
  });
  return removed;
}
