import { relative } from 'node:path';
import { type AssemblyOptions, openAssembly } from '../../local/assembly/load-assembly.ts';
import { RuntimeSetupError } from '../../local/model.ts';
import { findTemplates } from './find-templates.ts';

/** The result of loading a template. */
export interface LoadedTemplate {
  /** The template's path below the folder that was walked. */
  readonly path: string;
  /** Whether it loads as it is, by `--partial` without what cannot run, or not at all. */
  readonly result: 'loads' | 'partly' | 'refused';
  /** The texts of what is left out, or of the one refusal. */
  readonly reasons: readonly string[];
}

/**
 * Loads each template below a folder by the runtime's own transform, with values for the parameters of any of them.
 * Nothing is started.
 */
export function loadTemplates(root: string, parameters: readonly string[] = []): readonly LoadedTemplate[] {
  return findTemplates(root).map((path) => ({ path: relative(root, path), ...loadOne(path, parameters) }));
}

function loadOne(path: string, parameters: readonly string[]): Omit<LoadedTemplate, 'path'> {
  const reasons = new Set<string>();
  const refusal = refusalOf(path, { parameters, passOver: ({ message }) => void reasons.add(message) });
  if (refusal !== undefined) return { result: 'refused', reasons: [refusal] };
  return { result: reasons.size === 0 ? 'loads' : 'partly', reasons: [...reasons] };
}

/** Returns the text of the error with which a template does not load. */
function refusalOf(path: string, options: AssemblyOptions): string | undefined {
  try {
    const { portCount, load } = openAssembly(path, options);
    load(Array.from({ length: portCount }, (_, index) => index + 1));
    return undefined;
  } catch (error) {
    if (error instanceof RuntimeSetupError) return error.message;
    throw error;
  }
}

/** Returns one line for each template, and the counts. */
export function describeTemplates(templates: readonly LoadedTemplate[]): readonly string[] {
  const count = (wanted: LoadedTemplate['result']): number =>
    templates.filter(({ result }) => result === wanted).length;
  return [
    ...templates.map(describe),
    `${templates.length} templates: ${count('loads')} load, ${count('partly')} load without what cannot run (--partial), ` +
      `${count('refused')} are refused`,
  ];
}

function describe({ path, result, reasons: [first = '', ...others] }: LoadedTemplate): string {
  const more = others.length === 0 ? '' : ` (and ${others.length} more)`;
  return `${result.padEnd('refused'.length)}  ${path}${first === '' ? '' : `: ${first}`}${more}`;
}
