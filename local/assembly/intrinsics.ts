import { type Json, RuntimeSetupError } from '../model.ts';
import { isJsonObject, isList, type JsonObject, unsupported } from './fields.ts';

/** The template as intrinsic functions see it. `undefined` stands for `AWS::NoValue`. */
export interface Scope {
  readonly reference: (name: string, path: string) => Json | undefined;
  readonly attribute: (logicalId: string, attribute: string, path: string) => Json;
  readonly condition: (name: string, path: string) => boolean;
  readonly mapping: (keys: readonly string[], path: string) => Json;
  readonly importValue: (exportName: string, path: string) => Json;
}

interface Call {
  readonly argument: Json;
  readonly path: string;
  readonly scope: Scope;
}

/** Resolves every intrinsic function in a value. `AWS::NoValue` is removed. */
export function resolveValue(value: Json, path: string, scope: Scope): Json | undefined {
  if (typeof value === 'string') return refuseDynamicReference(value, path);
  if (isList(value)) return resolveList(value, path, scope);
  if (!isJsonObject(value)) return value;
  const call = intrinsicOf(value);
  if (call === undefined) return resolveObject(value, path, scope);
  const run = FUNCTIONS[call.name];
  if (run === undefined) throw unsupported(path, `the function ${call.name} is not supported`);
  return run({ argument: call.argument, path: `${path}.${call.name}`, scope });
}

const FUNCTIONS: Readonly<Record<string, (call: Call) => Json | undefined>> = {
  Ref: ({ argument, path, scope }) => scope.reference(asText(argument, path), path),
  'Fn::GetAtt': getAttribute,
  'Fn::Join': join,
  'Fn::Sub': substitute,
  'Fn::Select': select,
  'Fn::Split': split,
  'Fn::If': choose,
  'Fn::FindInMap': (call) => call.scope.mapping(resolvedTexts(call), call.path),
  'Fn::ImportValue': ({ argument, path, scope }) =>
    scope.importValue(asText(resolveValue(argument, path, scope), path), path),
};

/** Evaluates a condition expression. */
export function isTrue(value: Json, path: string, scope: Scope): boolean {
  const [name, argument] = isJsonObject(value) ? (Object.entries(value)[0] ?? []) : [];
  const inner = `${path}.${name}`;
  const operands = isList(argument) ? argument : [];
  const test = (operand: Json, index: number): boolean => isTrue(operand, `${inner}[${index}]`, scope);
  if (name === 'Condition') return scope.condition(asText(argument, inner), inner);
  if (name === 'Fn::Not' && operands.length === 1) return !operands.some(test);
  if (name === 'Fn::And') return operands.every(test);
  if (name === 'Fn::Or') return operands.some(test);
  if (name !== 'Fn::Equals' || operands.length !== 2) throw unsupported(path, `the condition ${name} is not supported`);
  const [left, right] = operands.map((operand) => asText(resolveValue(operand, inner, scope), inner));
  return left === right;
}

function intrinsicOf(value: JsonObject): { readonly name: string; readonly argument: Json } | undefined {
  const [entry, ...others] = Object.entries(value);
  if (entry === undefined || others.length > 0) return undefined;
  const [name, argument] = entry;
  return name === 'Ref' || name.startsWith('Fn::') ? { name, argument } : undefined;
}

/** Throws for a dynamic reference such as `{{resolve:ssm:…}}`, which a deployment looks up in the account. */
function refuseDynamicReference(value: string, path: string): string {
  if (!value.includes('{{resolve:')) return value;
  throw unsupported(path, 'a dynamic reference ({{resolve:…}}) is not supported');
}

function resolveList(list: readonly Json[], path: string, scope: Scope): readonly Json[] {
  return list
    .map((element, index) => resolveValue(element, `${path}[${index}]`, scope))
    .filter((element) => element !== undefined);
}

function resolveObject(object: JsonObject, path: string, scope: Scope): JsonObject {
  const entries = Object.entries(object).flatMap(([key, value]) => {
    const resolved = resolveValue(value, `${path}.${key}`, scope);
    return resolved === undefined ? [] : [[key, resolved] as const];
  });
  return Object.fromEntries(entries);
}

function getAttribute({ argument, path, scope }: Call): Json {
  const [logicalId = '', ...attribute] = isList(argument)
    ? argument.map((part) => asText(resolveValue(part, path, scope), path))
    : asText(argument, path).split('.');
  return scope.attribute(logicalId, attribute.join('.'), path);
}

function join({ argument, path, scope }: Call): string {
  const [delimiter, list] = resolvedPair({ argument, path, scope });
  return asList(list, path)
    .map((element) => asText(element, path))
    .join(asText(delimiter, path));
}

function split({ argument, path, scope }: Call): readonly string[] {
  const [delimiter, text] = resolvedPair({ argument, path, scope });
  return asText(text, path).split(asText(delimiter, path));
}

function select({ argument, path, scope }: Call): Json {
  const [index, list] = resolvedPair({ argument, path, scope });
  const selected = asList(list, path)[Number(index)];
  if (selected === undefined) throw new RuntimeSetupError(`${path} has no element ${JSON.stringify(index)}`);
  return selected;
}

function choose({ argument, path, scope }: Call): Json | undefined {
  const [condition, whenTrue, whenFalse] = asList(argument, path);
  const chosen = scope.condition(asText(condition, path), path) ? whenTrue : whenFalse;
  if (chosen === undefined) throw new RuntimeSetupError(`${path} should have a condition and two values`);
  return resolveValue(chosen, path, scope);
}

function substitute({ argument, path, scope }: Call): string {
  const [template, variables] = isList(argument) ? argument : [argument];
  const own = variables === undefined ? {} : resolveValue(variables, path, scope);
  return asText(template, path).replaceAll(/\$\{(!?)([^}]+)\}/g, (_match, literal: string, name: string) => {
    if (literal !== '') return `\${${name}}`;
    return asText(substituted(name.trim(), isJsonObject(own) ? own : {}, { argument, path, scope }), path);
  });
}

function substituted(name: string, own: JsonObject, { path, scope }: Call): Json | undefined {
  if (Object.hasOwn(own, name)) return own[name];
  const [logicalId = '', ...attribute] = name.split('.');
  return attribute.length > 0
    ? scope.attribute(logicalId, attribute.join('.'), path)
    : scope.reference(logicalId, path);
}

function resolvedPair({ argument, path, scope }: Call): readonly (Json | undefined)[] {
  return asList(argument, path).map((part, index) => resolveValue(part, `${path}[${index}]`, scope));
}

function resolvedTexts({ argument, path, scope }: Call): readonly string[] {
  return resolvedPair({ argument, path, scope }).map((part) => asText(part, path));
}

function asText(value: Json | undefined, path: string): string {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return String(value);
  throw new RuntimeSetupError(`${path} should be a string and is ${JSON.stringify(value)}`);
}

function asList(value: Json | undefined, path: string): readonly Json[] {
  if (isList(value)) return value;
  throw new RuntimeSetupError(`${path} should be a list and is ${JSON.stringify(value)}`);
}
