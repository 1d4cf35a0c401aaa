import type { Audience } from './deliver-once.ts';
import type { Parameters } from './parameters.ts';

/** A limit on a rate, and what sets it. */
export interface Ceiling {
  readonly binds: string;
  readonly perSecond: number;
}

const lowest = (ceilings: readonly Ceiling[]): Ceiling =>
  ceilings.reduce((least, ceiling) => (ceiling.perSecond < least.perSecond ? ceiling : least));

const READ_UNIT_BYTES = 4_096;
const WRITE_UNIT_BYTES = 1_024;

/** Returns the time in ms of one shard's posts when only the worker itself limits them. */
export const shardPostsMs = (parameters: Parameters, subscribers: number): number =>
  subscribers *
  Math.max(parameters.cpuPerPostMicroseconds / 1_000, parameters.postRoundTripMs / parameters.postsInFlight);

/** Returns the rounds in which the workers process all shards. */
export const rounds = ({ workers }: Parameters, shards: number): number => Math.ceil(shards / workers);

/** Returns the messages a second that one topic sustains with this number of messages per frame. */
export function sustained(parameters: Parameters, audience: Audience, messagesPerFrame: number): Ceiling {
  const { subscribers, shards, postsPerSecond } = audience;
  const share = subscribers / shards;
  const overheadMs = parameters.invocationMs + (shards > 1 ? parameters.invokeMs : 0);
  const listMs = (share / 1_000) * parameters.queryMsPer1000;
  // Records wait during an invocation, so its fixed cost is shared by a full batch.
  const perInvocation = (parameters.batchRecords / messagesPerFrame) * shardPostsMs(parameters, share);
  const invocationMs = overheadMs + rounds(parameters, shards) * (listMs + perInvocation);
  const perSecondOf = (frames: number): number => frames * messagesPerFrame;
  return lowest([
    { binds: 'posts/s of the account', perSecond: perSecondOf(postsPerSecond / subscribers) },
    { binds: 'the topic’s own posting', perSecond: (parameters.batchRecords * 1_000) / invocationMs },
    { binds: 'reads of one key of the index', perSecond: indexCeiling(parameters, share) },
    { binds: 'writes of the topic’s head', perSecond: headCeiling(parameters) },
  ]);
}

/** Returns the limit by reads of the index. One listing of the subscribers serves all records of an invocation. */
const indexCeiling = (parameters: Parameters, share: number): number =>
  (parameters.readUnitsPerSecond / listReadUnits(parameters, share)) * parameters.batchRecords;

/** Returns the read units to list the subscribers under one key of the index. */
export const listReadUnits = ({ indexItemBytes }: Parameters, subscribers: number): number =>
  Math.ceil((subscribers * indexItemBytes) / READ_UNIT_BYTES) / 2;

const headCeiling = ({ writeUnitsPerSecond, messageBytes, envelopeBytes }: Parameters): number =>
  writeUnitsPerSecond / Math.ceil((messageBytes + envelopeBytes) / WRITE_UNIT_BYTES);

/** Returns the messages that one frame can carry. */
export const messagesPerFullFrame = ({ frameBytes, messageBytes, envelopeBytes, batchRecords }: Parameters): number =>
  Math.max(1, Math.min(batchRecords, Math.floor(frameBytes / (messageBytes + envelopeBytes))));
