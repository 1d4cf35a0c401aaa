import type { Backend } from '../backend.ts';
import { CLI_BOUNDS } from '../bounds.ts';
import type { Failure } from '../failures/failure.ts';
import { listFailures, readFailures } from '../failures/failure-store.ts';
import type { Traced } from './find-written.ts';

/** A failure that holds the change, or poison of its topic. */
export interface GivenUp {
  readonly id: string;
  readonly atMs: number;
  readonly condition: string;
  readonly isPoison: boolean;
}

/** Searches the newest failures for the change, a few at a time: each may have megabytes. */
export async function findGivenUp(backend: Backend, traced: Traced): Promise<GivenUp[]> {
  const newest = (await listFailures(backend)).slice(0, CLI_BOUNDS.TRACED_FAILURES);
  const found: GivenUp[] = [];
  for (let index = 0; index < newest.length; index += CLI_BOUNDS.READ_CONCURRENCY) {
    const failures = await readFailures(backend, newest.slice(index, index + CLI_BOUNDS.READ_CONCURRENCY));
    found.push(...failures.flatMap((failure) => givenUpIn(failure, traced)));
  }
  return found;
}

function givenUpIn({ object, condition, records }: Failure, { topic, seq }: Traced): GivenUp[] {
  const own = records.filter((record) => (record.kind === 'change' ? record.head.topic : record.topic) === topic);
  const isHeld = own.some((record) => record.kind === 'change' && record.head.seq === seq);
  if (!isHeld && !own.some(({ kind }) => kind === 'poison')) return [];
  return [{ id: object.id, atMs: object.writtenAt.getTime(), condition, isPoison: !isHeld }];
}
