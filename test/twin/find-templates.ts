import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { parseYamlTemplate } from '../../local/assembly/template-yaml.ts';

/** Most directories that are walked, 20,000: a folder of checkouts, and not a whole disk. */
const DIRECTORIES_MAXIMUM = 20_000;
/** Bytes of the largest file that is read as a template, 1 MiB: CloudFormation takes no larger one. */
const TEMPLATE_MAXIMUM_BYTES = 1_048_576;
/** Directories without templates of their own: packages, repositories, and what tools have built or unpacked. */
const SKIPPED: ReadonlySet<string> = new Set(['.aws-sam', '.distributary', '.git', 'node_modules']);

/** The file that makes a directory a cloud assembly. */
const MANIFEST = 'manifest.json';

/** A part of a template by which it is one of this kind of application: a WebSocket API, or a table with a stream. */
const KIND = /"WEBSOCKET"|"AWS::Serverless::WebSocketApi"|"StreamSpecification"/;

/**
 * Returns the paths of the templates and cloud assemblies below a directory that have a WebSocket API or a table with a
 * stream, in the order of the alphabet.
 */
export function findTemplates(root: string): readonly string[] {
  const found: string[] = [];
  const waiting = [root];
  for (let walked = 0; waiting.length > 0 && walked < DIRECTORIES_MAXIMUM; walked += 1) {
    const directory = waiting.pop() ?? root;
    const entries = readdirSync(directory, { withFileTypes: true });
    const isAssembly = isCloudAssembly(directory);
    if (isAssembly && hasKind(directory)) found.push(directory);
    if (isAssembly) continue;
    for (const entry of entries) {
      const path = join(directory, entry.name);
      if (entry.isDirectory() && !SKIPPED.has(entry.name)) waiting.push(path);
      if (entry.isFile() && isTemplate(path)) found.push(path);
    }
  }
  return found.toSorted();
}

function isCloudAssembly(directory: string): boolean {
  const manifest = readSmall(join(directory, MANIFEST));
  return manifest !== undefined && manifest.includes('"aws:cloudformation:stack"');
}

const hasKind = (assembly: string): boolean =>
  readdirSync(assembly).some((name) => name.endsWith('.template.json') && isTemplate(join(assembly, name)));

/** Returns whether a file is a template of this kind. A file that is no template at all is none. */
function isTemplate(path: string): boolean {
  if (!/\.(?:ya?ml|json|template)$/.test(path)) return false;
  const text = readSmall(path);
  if (text === undefined || !text.includes('Resources')) return false;
  try {
    const template = parseYamlTemplate(text);
    return typeof template === 'object' && template !== null && hasResources(template);
  } catch {
    return false;
  }
}

function hasResources(template: object): boolean {
  const resources: unknown = Reflect.get(template, 'Resources');
  return typeof resources === 'object' && resources !== null && KIND.test(JSON.stringify(resources));
}

function readSmall(path: string): string | undefined {
  const size = statSync(path, { throwIfNoEntry: false })?.size ?? Number.POSITIVE_INFINITY;
  return size > TEMPLATE_MAXIMUM_BYTES ? undefined : readFileSync(path, 'utf8');
}
