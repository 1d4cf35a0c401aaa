import type { InvocationResult, EventSourceMappingModel, Terminal } from '../../local/model.ts';
import { type CheckpointStore, createMemoryCheckpoints } from '../../local/streams/checkpoints.ts';
import { type RunningMapping, startEventSourceMapping } from '../../local/streams/event-source-mapping.ts';
import type { PollTuning } from '../../local/streams/poll-tuning.ts';
import { eventSequenceNumber, type LambdaRecord } from '../../local/streams/stream-record.ts';
import { makeMapping, makeTerminal, recordsOf, success } from './mapping-fixtures.ts';
import type { ScriptedStream } from './scripted-stream.ts';
import { createJumpingClock, type TestClock } from './test-clock.ts';

export interface ScriptedMapping {
  readonly mapping: RunningMapping;
  /** The records of each invocation, in order of their beginning. */
  readonly invocations: (readonly LambdaRecord[])[];
  /** The event of each invocation. */
  readonly events: unknown[];
  readonly objects: { bucket: string; key: string; body: string }[];
  readonly terminal: Terminal & { readonly lines: string[] };
}

export interface ScriptedMappingOptions {
  readonly mapping?: Partial<EventSourceMappingModel>;
  readonly stream: ScriptedStream;
  /** Returns the function's answer. Default: success. */
  readonly answer?: (records: readonly LambdaRecord[], event: unknown) => InvocationResult | Promise<InvocationResult>;
  readonly putFailure?: (object: { bucket: string; key: string; body: string }) => Promise<void>;
  readonly checkpoints?: CheckpointStore;
  readonly tuning?: Partial<PollTuning>;
  readonly clock?: TestClock;
}

/** A mapping on a stream in memory, in virtual time. */
export function startScriptedMapping(options: ScriptedMappingOptions): ScriptedMapping {
  const invocations: (readonly LambdaRecord[])[] = [];
  const events: unknown[] = [];
  const objects: { bucket: string; key: string; body: string }[] = [];
  const terminal = makeTerminal();
  const mapping = startEventSourceMapping(
    {
      mapping: makeMapping(options.mapping),
      functionName: 'broadcast',
      tableName: 'Topics',
      engineStreamArn: 'arn:engine',
      region: 'eu-central-1',
      tuning: options.tuning ?? {},
    },
    {
      streams: options.stream.client,
      invoke: async (_arn, event) => {
        invocations.push(recordsOf(event));
        events.push(event);
        return (options.answer ?? (() => success()))(recordsOf(event), event);
      },
      putFailure: async (object) => {
        await options.putFailure?.(object);
        objects.push(object);
      },
      terminal,
      wasExpired: () => false,
      checkpoints: options.checkpoints ?? createMemoryCheckpoints(),
      clock: options.clock ?? createJumpingClock(),
      random: () => 0.5,
    },
  );
  return { mapping, invocations, events, objects, terminal };
}

/** The sequence numbers of each invocation, as the scripted stream counts. */
export function sequencesOf(invocations: readonly (readonly LambdaRecord[])[]): readonly (readonly string[])[] {
  return invocations.map((records) => records.map(scriptedNumberOf));
}

/** The number that the scripted stream gave a record. */
export function scriptedNumberOf({ dynamodb }: LambdaRecord): string {
  return String(BigInt(dynamodb.SequenceNumber) - BigInt(eventSequenceNumber('0')));
}
