import { readFileSync } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';
import { RuntimeSetupError } from '../model.ts';
import type { CloudAssembly } from './cloud-assembly.ts';
import { asFields } from './fields.ts';
import { parseYamlTemplate } from './template-yaml.ts';

/** The name of the stack of a template whose folder's name contains nothing that a stack's name may. */
const DEFAULT_STACK_NAME = 'local';

/**
 * Reads a CloudFormation or SAM template as an assembly of one stack, which is named after the template's folder.
 * Throws RuntimeSetupError for a file that cannot be read as one.
 */
export function readTemplateFile(file: string): CloudAssembly {
  const directory = dirname(resolve(file));
  const name = basename(directory)
    .replaceAll(/[^A-Za-z0-9-]/g, '-')
    .replace(/^[^A-Za-z]+/, '');
  const stackName = name === '' ? DEFAULT_STACK_NAME : name;
  const template = { path: `${basename(file)}: `, values: asFields(parseFile(file), file).values };
  return { stacks: [{ id: stackName, stackName, template }], codeDirectories: new Map() };
}

function parseFile(file: string) {
  try {
    return parseYamlTemplate(readFileSync(file, 'utf8'));
  } catch (cause) {
    const [reason] = (cause instanceof Error ? cause.message : String(cause)).split('\n');
    throw new RuntimeSetupError(`${file} cannot be read as a template: ${reason}`, { cause });
  }
}
