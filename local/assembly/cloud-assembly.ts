import { readFileSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';

import { type Json, RuntimeSetupError } from '../model.ts';
import { asFields, type Fields, findFields, findTextField, getTextField, isJsonObject, listFields } from './fields.ts';

/** The output of `cdk synth`, as far as the runtime needs it. */
export interface CloudAssembly {
  readonly stackName: string;
  /** The region of the stack; absent in an environment-agnostic stack. */
  readonly region?: string;
  readonly accountId?: string;
  readonly template: Fields;
  /** The directory of each Lambda bundle, by the S3 key in the template. */
  readonly codeDirectories: ReadonlyMap<string, string>;
}

/** Reads the manifest of a synthesized assembly, its one template, and the directories of its bundles. */
export function readCloudAssembly(directory: string): CloudAssembly {
  const manifest = readJson(join(directory, 'manifest.json'));
  refuseMissingContext(manifest);
  const artifacts = listArtifacts(manifest);
  const stack = onlyStack(artifacts, directory);
  const properties = asFields(stack.values['properties'], `${stack.path}.properties`);
  const template = readJson(join(directory, getTextField(properties, 'templateFile')));
  return {
    stackName: findTextField(properties, 'stackName') ?? artifactId(stack),
    ...environmentOf(stack),
    template: { path: '', values: template.values },
    codeDirectories: new Map(artifacts.filter(isAssetManifest).flatMap((artifact) => listCode(artifact, directory))),
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

function onlyStack(artifacts: readonly Fields[], directory: string): Fields {
  const stacks = artifacts.filter((artifact) => artifact.values['type'] === 'aws:cloudformation:stack');
  const [stack, ...others] = stacks;
  if (stack === undefined) throw new RuntimeSetupError(`the cloud assembly in ${directory} has no stack`);
  if (others.length === 0) return stack;
  const names = stacks.map(artifactId).join(', ');
  throw new RuntimeSetupError(
    `the cloud assembly in ${directory} has ${stacks.length} stacks (${names}) and the local runtime runs one: ` +
      'synthesize an app with one stack, and pass its directory with --assembly',
  );
}

function artifactId(artifact: Fields): string {
  return artifact.path.slice('artifacts.'.length);
}

function environmentOf(stack: Fields): Pick<CloudAssembly, 'region' | 'accountId'> {
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
