import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A JSON value that a copy may change. */
type Value = null | boolean | number | string | Value[] | { [key: string]: Value };

/** The properties of a resource. */
type Properties = Record<string, Value>;

interface Template {
  readonly Resources: Record<string, { readonly Type: string; readonly Properties: Properties }>;
}

/** A copy of the synthesized application, to be broken. */
export interface AppCopy {
  readonly directory: string;
  /** Returns the properties of the first resource of a type whose logical id begins like this. */
  readonly resource: (type: string, logicalId: string) => Properties;
  /** Takes a resource out of the template. */
  readonly remove: (type: string, logicalId: string) => void;
  /** Puts other code in the place of a function's. */
  readonly replaceCode: (logicalId: string, code: string) => void;
  /** Writes what was changed. */
  readonly save: () => void;
  readonly discard: () => void;
}

const TEMPLATE = 'Distributary.template.json';

/** Copies an assembly into a temporary directory. */
export function copyApp(assembly: string): AppCopy {
  const directory = mkdtempSync(join(tmpdir(), 'distributary-broken-'));
  cpSync(assembly, directory, { recursive: true });
  const path = join(directory, TEMPLATE);
  const { Resources, ...rest }: Template = JSON.parse(readFileSync(path, 'utf8'));
  const find = (type: string, logicalId: string): string => {
    const found = Object.keys(Resources).find((id) => id.startsWith(logicalId) && Resources[id]?.Type === type);
    if (found === undefined) throw new Error(`the template has no ${type} ${logicalId}`);
    return found;
  };
  const resource: AppCopy['resource'] = (type, logicalId) => Resources[find(type, logicalId)]?.Properties ?? {};
  return {
    directory,
    resource,
    remove: (type, logicalId) => void Reflect.deleteProperty(Resources, find(type, logicalId)),
    replaceCode: (logicalId, code) => {
      const { Code } = resource('AWS::Lambda::Function', logicalId);
      const key = JSON.stringify(asObject(Code)['S3Key']);
      writeFileSync(join(directory, `asset.${key.slice(1, -'.zip"'.length)}`, 'index.mjs'), code);
    },
    save: () => writeFileSync(path, JSON.stringify({ Resources, ...rest })),
    discard: () => rmSync(directory, { recursive: true, force: true }),
  };
}

/** Takes an action out of the statements of a role's policy, on the resources whose text contains a part. */
export function removeGrant(copy: AppCopy, role: string, [action, on]: readonly [string, string]): void {
  const document = copy.resource('AWS::IAM::Policy', `${role}DefaultPolicy`)['PolicyDocument'];
  const { Statement: statements } = asObject(document);
  for (const statement of asList(statements).map(asObject)) {
    if (!asList(statement['Action']).includes(action)) continue;
    statement['Resource'] = asList(statement['Resource']).filter((resource) => !JSON.stringify(resource).includes(on));
    // A statement without resources is not valid; one that nobody asks for grants nothing.
    if (asList(statement['Resource']).length === 0) statement['Resource'] = 'arn:aws:s3:::nothing';
  }
}

const asList = (value: Value | undefined): Value[] =>
  Array.isArray(value) ? value : value === undefined ? [] : [value];

/** Returns a JSON value as an object. Throws for any other value. */
export function asObject(value: Value | undefined): Record<string, Value> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
  throw new Error(`not an object: ${JSON.stringify(value)}`);
}
