import { readFileSync } from 'node:fs';
import { asFields, at, type Fields, findNumberField, findTextField, listFields, oneOf } from '../assembly/fields.ts';
import { type Json, RuntimeSetupError } from '../model.ts';
import { type PlannedFault, type FaultEffect, FAULTY_SERVICES, type FaultPlan, type FaultyService } from './fault.ts';
import { errorNames, serviceError } from './service-errors.ts';

/** Longest delay of a call in ms, 900,000: no function lives longer. */
const DELAY_MAXIMUM_MS = 900_000;

/** The services whose connections can be cut. */
const CUT_SERVICES: ReadonlySet<FaultyService> = new Set(['dynamodb', 'connections']);

const PLAN_FIELDS = ['seed', 'faults'];
const FAULT_FIELDS = ['service', 'operation', 'on', 'error', 'message', 'cut', 'delayMs', 'share', 'after', 'times'];

/** Reads the file of `--faults`. Throws RuntimeSetupError. */
export function readFaults(path: string): FaultPlan {
  const plan = asFields(parse(path), path);
  refuseUnknown(plan, PLAN_FIELDS);
  return { seed: numberOf(plan, 'seed', { byDefault: 1 }), faults: listFields(plan, 'faults').map(readFault) };
}

function parse(path: string): Json {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new RuntimeSetupError(`--faults ${path} cannot be read: ${reason}`, { cause });
  }
}

function refuseUnknown(fields: Fields, known: readonly string[]): void {
  const unknown = Object.keys(fields.values).find((name) => !known.includes(name));
  if (unknown !== undefined) throw new RuntimeSetupError(`${at(fields, unknown)} is not known: ${known.join(', ')}`);
}

function readFault(fields: Fields): PlannedFault {
  refuseUnknown(fields, FAULT_FIELDS);
  const service = oneOf(fields, 'service', FAULTY_SERVICES);
  const delayMs = numberOf(fields, 'delayMs', { byDefault: 0, maximum: DELAY_MAXIMUM_MS });
  const effect = effectOf(fields, service);
  if (effect.kind === 'none' && delayMs === 0) {
    throw new RuntimeSetupError(`${fields.path} has no effect: it needs an error, cut or delayMs`);
  }
  if (delayMs > 0 && service === 'connections') {
    throw new RuntimeSetupError(`${at(fields, 'delayMs')}: calls of connections are not delayed`);
  }
  if (effect.kind === 'cut' && !CUT_SERVICES.has(service)) {
    throw new RuntimeSetupError(`${at(fields, 'cut')}: calls of ${service} are not cut`);
  }
  return {
    service,
    operation: findTextField(fields, 'operation'),
    on: findTextField(fields, 'on'),
    effect,
    delayMs,
    share: numberOf(fields, 'share', { byDefault: 1, maximum: 1 }),
    after: numberOf(fields, 'after', { byDefault: 0 }),
    times: numberOf(fields, 'times', { byDefault: Number.MAX_SAFE_INTEGER }),
  };
}

function effectOf(fields: Fields, service: FaultyService): FaultEffect {
  const name = findTextField(fields, 'error');
  if (fields.values['cut'] === true) return { kind: 'cut' };
  if (name === undefined) return { kind: 'none' };
  const error = serviceError(service, name);
  if (error === undefined) {
    const names = errorNames(service).join(', ');
    throw new RuntimeSetupError(`${at(fields, 'error')} is ${name}; known of ${service}: ${names}`);
  }
  return { kind: 'error', error: { ...error, message: findTextField(fields, 'message') ?? error.message } };
}

interface NumberBounds {
  readonly byDefault: number;
  readonly maximum?: number;
}

function numberOf(
  fields: Fields,
  name: string,
  { byDefault, maximum = Number.MAX_SAFE_INTEGER }: NumberBounds,
): number {
  const value = findNumberField(fields, name) ?? byDefault;
  if (value >= 0 && value <= maximum) return value;
  throw new RuntimeSetupError(`${at(fields, name)} is ${value}; allowed: 0 to ${maximum}`);
}
