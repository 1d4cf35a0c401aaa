import { createHash } from 'node:crypto';
import { mkdirSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { RuntimeSetupError } from '../model.ts';
import { at, type Fields, findFields, findTextField, unsupported } from './fields.ts';

/** The places of functions' code. */
export interface CodePlaces {
  /** The directory of each Lambda bundle, by the S3 key in the template. */
  readonly codeDirectories: ReadonlyMap<string, string>;
  /** The directory of the template, to which paths of code are relative. */
  readonly baseDirectory: string;
  /** The directory for code that the template contains. Code is kept there between runs, by its content. */
  readonly workDirectory: string;
}

/** Characters of a hash in the name of a directory. */
const HASH_LENGTH = 16;

/** Returns the directory of the code of a function or a layer, given its properties and the one that names the code. */
export function findCode(
  properties: Fields,
  { codeDirectories, baseDirectory, workDirectory }: CodePlaces,
  name: 'Code' | 'Content' = 'Code',
): string {
  const path = properties.values[name];
  if (typeof path === 'string') return findLocal(path, at(properties, name), baseDirectory);
  const code = findFields(properties, name);
  const inline = code && findTextField(code, 'ZipFile');
  if (inline !== undefined) return writeInline(inline, workDirectory);
  const key = code && findTextField(code, 'S3Key');
  if (key === undefined)
    throw unsupported(at(properties, name), 'code other than an asset or inline code is not supported');
  const directory = codeDirectories.get(key);
  if (directory !== undefined) return directory;
  throw new RuntimeSetupError(
    `${at(properties, name)}: ${key} is not a directory of this cloud assembly; synthesize again`,
  );
}

/** Returns the directory of code that is named by its path, as it is before `sam package`. */
function findLocal(path: string, at: string, baseDirectory: string): string {
  const directory = resolve(baseDirectory, path);
  if (statSync(directory, { throwIfNoEntry: false })?.isDirectory() === true) return directory;
  throw new RuntimeSetupError(`${at}: there is no directory ${directory}`);
}

/** Writes inline code where CloudFormation puts it: a file `index.js` that is alone in its directory. */
function writeInline(code: string, workDirectory: string): string {
  const directory = join(
    workDirectory,
    `inline.${createHash('sha256').update(code).digest('hex').slice(0, HASH_LENGTH)}`,
  );
  if (statSync(directory, { throwIfNoEntry: false }) !== undefined) return directory;
  // A directory with this name is complete: a start that is interrupted leaves another one.
  const unfinished = `${directory}.${process.pid}`;
  mkdirSync(unfinished, { recursive: true });
  writeFileSync(join(unfinished, 'index.js'), code);
  renameSync(unfinished, directory);
  return directory;
}
