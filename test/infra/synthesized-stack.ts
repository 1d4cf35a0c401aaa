import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { rememberOnce } from '../helpers/run-cache.ts';

export const ROOT = resolve(import.meta.dirname, '../..');

const PRINTER = join(import.meta.dirname, 'print-stacks.ts');

interface Resource {
  readonly Type: string;
  readonly Properties: Readonly<Record<string, unknown>>;
  readonly DependsOn?: readonly string[];
  readonly DeletionPolicy?: string;
  readonly UpdateReplacePolicy?: string;
  readonly Metadata?: Readonly<Record<string, string>>;
}

export interface CloudFormation {
  readonly Resources: Readonly<Record<string, Resource>>;
  readonly Outputs: Readonly<Record<string, { readonly Value: unknown }>>;
}

/** A resource with the name of its construct: `Functions/Connect/Function`. */
export interface NamedResource extends Resource {
  readonly logicalId: string;
  readonly name: string;
}

/** Returns the context that the CDK CLI passes to the app. Its feature flags change the template. */
export function cliContext(): Record<string, unknown> {
  const { context }: { context: Record<string, unknown> } = JSON.parse(readFileSync(join(ROOT, 'cdk.json'), 'utf8'));
  return { ...context, 'aws:cdk:enable-path-metadata': true, 'aws:cdk:enable-asset-metadata': true };
}

/** Stacks to synthesize in one app: the context that the CDK CLI passes, and the context of each stack. */
export interface StackRequest {
  readonly cliContext: Readonly<Record<string, unknown>>;
  readonly contexts: readonly Readonly<Record<string, unknown>>[];
}

/** A stack as `print-stacks.ts` prints it. */
export interface PrintedStack {
  readonly stackName: string;
  readonly template: CloudFormation;
  /** The remarks that the CDK CLI prints. */
  readonly remarks: readonly string[];
}

/** Synthesizes the stack as infra/app.ts does, with one empty bundle as the code of every function. */
export function synthesizeStack(context: Readonly<Record<string, unknown>> = {}): SynthesizedStack {
  const [stack] = synthesizeStacks([context]);
  if (stack === undefined) throw new Error('no stack');
  return stack;
}

/** Synthesizes several stacks, one for each context, in one app. */
export function synthesizeStacks(contexts: readonly Readonly<Record<string, unknown>>[]): SynthesizedStack[] {
  const request = JSON.stringify({ cliContext: cliContext(), contexts } satisfies StackRequest);
  const printed: PrintedStack[] = JSON.parse(rememberOnce(request, printStacks));
  return printed.map((stack) => new SynthesizedStack(stack));
}

/** Prints the stacks in another process, which loads the CDK in a fraction of the time that jest takes. */
function printStacks(request: string): string {
  const { status, stdout, stderr } = spawnSync(process.execPath, [PRINTER, request], { cwd: ROOT, encoding: 'utf8' });
  if (status !== 0) throw new Error(`The stacks are not synthesized:\n${stderr}`);
  return stdout;
}

/** A template, with its resources and references under the names of their constructs. */
export class SynthesizedStack {
  readonly template: CloudFormation;
  readonly outputs: CloudFormation['Outputs'];
  readonly stackName: string;
  /** The remarks that the CDK CLI prints. */
  readonly remarks: readonly string[];
  readonly #resources: CloudFormation['Resources'];

  constructor({ stackName, template, remarks }: PrintedStack) {
    this.template = template;
    this.stackName = stackName;
    this.remarks = remarks;
    this.outputs = template.Outputs;
    this.#resources = template.Resources;
  }

  /** Returns all resources. */
  all(): readonly NamedResource[] {
    return Object.entries(this.#resources).map(([logicalId, resource]) => ({
      ...resource,
      logicalId,
      name: this.nameOf(logicalId),
    }));
  }

  /** Returns all resources of a type, by name. */
  ofType(type: string): ReadonlyMap<string, NamedResource> {
    return new Map(this.all().flatMap((each) => (each.Type === type ? [[each.name, each] as const] : [])));
  }

  /** Returns the resource of this type with this name. */
  get(type: string, name: string): NamedResource {
    const found = this.ofType(type).get(name);
    if (found === undefined)
      throw new Error(`There is no ${type} ${name}: ${[...this.ofType(type).keys()].join(', ')}`);
    return found;
  }

  nameOf(logicalId: string): string {
    const path = this.#resources[logicalId]?.Metadata?.['aws:cdk:path'];
    // The construct of this repository's stack has the id `Default`, which is in paths and not in logical ids.
    return path === undefined ? logicalId : path.replace(/^[^/]+\/(Default\/)?/, '').replace(/\/Resource$/, '');
  }

  /** Returns a value as text, with `<name>` or `<name.attribute>` for a value that is known only after deployment. */
  read(value: unknown): string {
    if (typeof value !== 'object' || value === null) return String(value);
    const { Ref, ...rest }: { Ref?: string; 'Fn::GetAtt'?: [string, string]; 'Fn::Join'?: [string, unknown[]] } = value;
    if (Ref !== undefined) return `<${this.nameOf(Ref)}>`;
    const { 'Fn::GetAtt': attribute, 'Fn::Join': join } = rest;
    if (attribute !== undefined) return `<${this.nameOf(attribute[0])}.${attribute[1]}>`;
    if (join !== undefined) return join[1].map((part) => this.read(part)).join(join[0]);
    throw new Error(`cannot read ${JSON.stringify(value)}`);
  }
}
