import { readFileSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';

import { type Json, RuntimeSetupError } from '../model.ts';
import { asFields, type Fields, findFields, findTextField, getTextField, isJsonObject, listFields } from './fields.ts';

/** The output of `cdk synth`, as far as the runtime needs it. */
export interface CloudAssembly {
  readonly stacks: readonly StackTemplate[];
  /** The directory of each Lambda bundle, by the S3 key in the template. */
  readonly codeDirectories: ReadonlyMap<string, string>;
}

/** A stack of an assembly with its template. */
export interface StackTemplate {
  /** The id of the stack in the assembly, by which a user names it. */
  readonly id: string;
  readonly stackName: string;
  /** The region of the stack; absent in an environment-agnostic stack. */
  readonly region?: string;
  readonly accountId?: string;
  /** The template. Its path is the file's name with `: `, which begins every path in an error. */
  readonly template: Fields;
}

/**
 * Reads the manifest of a synthesized assembly, the templates of its stacks, and the directories of its bundles. The
 * assemblies of CDK stages inside of it belong to it.
 */
export function readCloudAssembly(directory: string): CloudAssembly {
  const manifest = readJson(join(directory, 'manifest.json'));
  refuseMissingContext(manifest);
  const artifacts = listArtifacts(manifest);
  const nested = artifacts
    .filter(({ values }) => values['type'] === 'cdk:cloud-assembly')
    .map((artifact) => {
      const properties = asFields(artifact.values['properties'], `${artifact.path}.properties`);
      return readCloudAssembly(join(directory, getTextField(properties, 'directoryName')));
    });
  const stacks = artifacts.filter(({ values }) => values['type'] === 'aws:cloudformation:stack');
  return {
    stacks: [...stacks.map((stack) => readStack(stack, directory)), ...nested.flatMap((assembly) => assembly.stacks)],
    codeDirectories: new Map([
      ...artifacts.filter(isAssetManifest).flatMap((artifact) => listCode(artifact, directory)),
      ...nested.flatMap((assembly) => [...assembly.codeDirectories]),
    ]),
  };
}

function readStack(stack: Fields, directory: string): StackTemplate {
  const properties = asFields(stack.values['properties'], `${stack.path}.properties`);
  const file = getTextField(properties, 'templateFile');
  const id = artifactId(stack);
  return {
    id,
    stackName: findTextField(properties, 'stackName') ?? id,
    ...environmentOf(stack),
    template: { path: `${file}: `, values: readJson(join(directory, file)).values },
  };
}

function readJson(path: string): Fields {
  try {
    const value: Json = JSON.parse(readFileSync(path, 'utf8'));
    return asFields(value, path);
  } catch (error) {
    if (error instanceof RuntimeSetupError) throw error;
    throw new RuntimeSetupError(`${path} cannot be read as part of a cloud assembly (was it written by cdk synth?)`, {
      cause: error,
    });
  }
}

function refuseMissingContext(manifest: Fields): void {
  const missing = listFields(manifest, 'missing').map((entry) => getTextField(entry, 'key'));
  if (missing.length === 0) return;
  throw new RuntimeSetupError(
    `the CDK app looks up ${missing.join(', ')} in an account: run cdk synth once to write cdk.context.json`,
  );
}

function listArtifacts(manifest: Fields): readonly Fields[] {
  const artifacts = asFields(manifest.values['artifacts'], 'artifacts');
  return Object.entries(artifacts.values).map(([id, value]) => asFields(value, `artifacts.${id}`));
}

function artifactId(artifact: Fields): string {
  return artifact.path.slice('artifacts.'.length);
}

function environmentOf(stack: Fields): Pick<StackTemplate, 'region' | 'accountId'> {
  const [, accountId, region] = /^aws:\/\/([^/]+)\/(.+)$/.exec(findTextField(stack, 'environment') ?? '') ?? [];
  return {
    ...(accountId === undefined || accountId === 'unknown-account' ? {} : { accountId }),
    ...(region === undefined || region === 'unknown-region' ? {} : { region }),
  };
}

function isAssetManifest(artifact: Fields): boolean {
  return artifact.values['type'] === 'cdk:asset-manifest';
}

function listCode(artifact: Fields, directory: string): readonly (readonly [string, string])[] {
  const properties = asFields(artifact.values['properties'], `${artifact.path}.properties`);
  const files = findFields(readJson(join(directory, getTextField(properties, 'file'))), 'files');
  if (files === undefined) return [];
  return Object.keys(files.values).flatMap((hash) => {
    const file = asFields(files.values[hash], `${files.path}.${hash}`);
    const source = findFields(file, 'source');
    const path = source === undefined ? undefined : findTextField(source, 'path');
    if (path === undefined) return [];
    const absolutePath = resolve(directory, path);
    return isDirectory(absolutePath) ? objectKeys(file).map((key) => [key, absolutePath] as const) : [];
  });
}

function objectKeys(file: Fields): readonly string[] {
  const destinations = findFields(file, 'destinations');
  return Object.values(destinations?.values ?? {}).flatMap((destination) => {
    const key = isJsonObject(destination) ? destination['objectKey'] : undefined;
    return typeof key === 'string' ? [key] : [];
  });
}

function isDirectory(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}
