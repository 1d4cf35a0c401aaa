import type { MappingChanges, MappingControl } from '../switched-mapping.ts';
import { type LambdaRefusal, refusal } from './invoke-answers.ts';

/** The range of a number that may be changed, and the setting that it changes. */
interface NumberChange {
  readonly setting: keyof MappingChanges;
  readonly minimum: number;
  readonly maximum: number;
  /** Whether -1 means that there is no limit. */
  readonly mayBeUnlimited?: boolean;
  /** Whether streams alone have it. */
  readonly isOfStreams?: boolean;
}

const NUMBERS: Readonly<Record<string, NumberChange>> = {
  BatchSize: { setting: 'batchSize', minimum: 1, maximum: 10_000 },
  MaximumBatchingWindowInSeconds: { setting: 'maximumBatchingWindowSeconds', minimum: 0, maximum: 300 },
  ParallelizationFactor: { setting: 'parallelizationFactor', minimum: 1, maximum: 10, isOfStreams: true },
  MaximumRetryAttempts: {
    setting: 'maximumRetryAttempts',
    minimum: 0,
    maximum: 10_000,
    mayBeUnlimited: true,
    isOfStreams: true,
  },
  MaximumRecordAgeInSeconds: {
    setting: 'maximumRecordAgeSeconds',
    minimum: 60,
    maximum: 604_800,
    mayBeUnlimited: true,
    isOfStreams: true,
  },
};

const FLAGS: Readonly<Record<string, { readonly setting: keyof MappingChanges; readonly isOfStreams?: boolean }>> = {
  Enabled: { setting: 'enabled' },
  BisectBatchOnFunctionError: { setting: 'bisectBatchOnFunctionError', isOfStreams: true },
};

/** Returns the changes that the body of `UpdateEventSourceMapping` asks for, or the refusal of all of them. */
export function decodeMappingChanges(body: Buffer, model: MappingControl['model']): MappingChanges | LambdaRefusal {
  const asked = parse(body);
  if (asked === undefined) return refusal('InvalidRequestContentException', 'Could not parse request body into json');
  const changes: Record<string, unknown> = {};
  for (const [member, value] of Object.entries(asked)) {
    const decoded = decodeOne(member, value, 'streamArn' in model);
    if ('errorType' in decoded) return decoded;
    changes[decoded.setting] = decoded.value;
  }
  return changes;
}

function parse(body: Buffer): object | undefined {
  try {
    const asked: unknown = JSON.parse(body.toString());
    return typeof asked === 'object' && asked !== null && !Array.isArray(asked) ? asked : undefined;
  } catch {
    // To Lambda this is a bad request of the caller.
    return undefined;
  }
}

interface Change {
  readonly setting: string;
  readonly value: unknown;
}

function decodeOne(member: string, value: unknown, isOfStream: boolean): Change | LambdaRefusal {
  const [number, flag] = [own(NUMBERS, member), own(FLAGS, member)];
  const known = number ?? flag;
  if (known === undefined) return invalid(`${member} is not changed by the local runtime`);
  if (known.isOfStreams === true && !isOfStream) return invalid(`Unsupported source event parameter: ${member}`);
  const problem = number === undefined ? flagProblem(member, value) : numberProblem(member, value, number);
  return problem ?? { setting: known.setting, value };
}

const own = <Value>(table: Readonly<Record<string, Value>>, name: string): Value | undefined =>
  Object.hasOwn(table, name) ? table[name] : undefined;

const invalid = (words: string): LambdaRefusal => refusal('InvalidParameterValueException', words);

function flagProblem(member: string, value: unknown): LambdaRefusal | undefined {
  return typeof value === 'boolean' ? undefined : refusal('SerializationException', `${member} is no boolean`);
}

function numberProblem(member: string, value: unknown, range: NumberChange): LambdaRefusal | undefined {
  if (typeof value !== 'number' || !Number.isInteger(value)) {
    return refusal('SerializationException', `${member} is no integer`);
  }
  if (value === -1 && range.mayBeUnlimited === true) return undefined;
  if (value >= range.minimum && value <= range.maximum) return undefined;
  const bound =
    value < range.minimum ? `greater than or equal to ${range.minimum}` : `less than or equal to ${range.maximum}`;
  const place = `${member.charAt(0).toLowerCase()}${member.slice(1)}`;
  const what = `Value '${value}' at '${place}' failed to satisfy constraint: Member must have value ${bound}`;
  return refusal('ValidationException', `1 validation error detected: ${what}`);
}
