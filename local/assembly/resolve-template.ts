import { type Json, RuntimeSetupError } from '../model.ts';
import { asFields, at, type Fields, findFields, getTextField, section, unsupported } from './fields.ts';
import type { Identity } from './identities.ts';
import { attempt, type PassOver, refuseAll } from './pass-over.ts';
import { expandServerless } from './sam/expand.ts';
import { resolveValue, type Scope } from './intrinsics.ts';
import type { PseudoParameters } from './physical-names.ts';
import { linesOfNamed, whatIsNamed } from './named-types.ts';
import { type Declared, identityIn, type ImportValue, isLive, scopeOf } from './template-scope.ts';
import { IGNORED_TYPES, SUPPORTED_TYPES } from './resource-types.ts';

/** A resource with all references resolved. */
export interface Resource {
  readonly logicalId: string;
  readonly identity: Identity;
  readonly properties: Fields;
}

/** A template whose resources can be listed by type. */
export interface ResolvedTemplate {
  readonly pseudo: PseudoParameters;
  readonly ofType: (...types: readonly string[]) => readonly Resource[];
  /**
   * Reads each resource of a type. One that cannot be read is passed over, if the user wants that: `instead` then
   * returns what stands for it. Default: nothing does.
   */
  readonly readEach: <Read>(
    type: string,
    read: (resource: Resource) => Read,
    instead?: (identity: Identity) => Read,
  ) => readonly Read[];
  readonly passOver: PassOver;
  /** Receives a line about what is as on AWS and may surprise. */
  readonly notice: (line: string) => void;
  /** Returns the outputs by name. */
  readonly outputs: () => Readonly<Record<string, string>>;
}

/** The options for resolving a template. */
export interface ResolveOptions {
  readonly importValue?: ImportValue;
  /** The values of parameters. Default: those of the template. */
  readonly parameters?: ReadonlyMap<string, string>;
  /** The logical ids of resources that do not run. Others may still refer to them. */
  readonly without?: readonly string[];
  /** Receives what the runtime does not support. Default: it is refused. */
  readonly passOver?: PassOver;
  /** Receives a line for what is not here and begins nothing by itself. Default: nobody is told. */
  readonly notice?: ((line: string) => void) | undefined;
}

/** The exports of a template by name. The value of each is resolved when it is imported. */
export interface ExportingTemplate extends ResolvedTemplate {
  readonly exports: () => ReadonlyMap<string, (path: string) => Json>;
}

/**
 * Resolves a template as a deployment would. `template.path` begins every path in an error; with a file's name it ends
 * in `: `. Throws RuntimeSetupError for anything that the runtime does not support.
 */
export function resolveTemplate(
  given: Fields,
  pseudo: PseudoParameters,
  {
    importValue = () => undefined,
    parameters = new Map(),
    without = [],
    passOver = refuseAll,
    notice = () => undefined,
  }: ResolveOptions = {},
): ExportingTemplate {
  const template = expandServerless(given, { without, passOver });
  const scope = scopeOf({ template, pseudo, importValue, parameters, passOver });
  const wanted = listResources(template, scope).filter(({ logicalId }) => !without.includes(logicalId));
  const resources = wanted.filter((one) => isKnown(one, template.path, passOver));
  for (const line of linesOfNamed(resources.map(typeOf))) notice(line);
  const resolved = new Map<string, Resource>();
  const resolveOnce = (declared: Declared): Resource => {
    const resource = resolved.get(declared.logicalId) ?? resolveResource(declared, pseudo, scope);
    resolved.set(declared.logicalId, resource);
    return resource;
  };
  const typed = (...types: readonly string[]) =>
    resources.filter(({ fields }) => types.includes(getTextField(fields, 'Type')));
  return {
    pseudo,
    passOver,
    notice,
    ofType: (...types) => typed(...types).flatMap((one) => attempt(() => resolveOnce(one), passOver) ?? []),
    readEach: (type, read, instead) =>
      typed(type).flatMap((one) => {
        const found = attempt(() => [read(resolveOnce(one))], passOver);
        if (found !== undefined || instead === undefined) return found ?? [];
        return attempt(() => [instead(identityIn(one, pseudo, scope))], passOver) ?? [];
      }),
    outputs: () => resolveOutputs(template, scope, passOver),
    exports: () => listExports(template, scope),
  };
}

function listResources(template: Fields, scope: Scope): readonly Declared[] {
  return Object.entries(section(template, 'Resources'))
    .map(([logicalId, resource]) => ({
      logicalId,
      fields: asFields(resource, `${template.path}Resources.${logicalId}`),
    }))
    .filter(({ fields }) => isLive(fields, scope));
}

const typeOf = ({ logicalId, fields }: Declared) => ({ logicalId, type: getTextField(fields, 'Type') });

function isKnown({ logicalId, fields }: Declared, start: string, passOver: PassOver): boolean {
  const [type, path] = [getTextField(fields, 'Type'), `${start}${logicalId}`];
  if (SUPPORTED_TYPES.has(type) || Object.hasOwn(IGNORED_TYPES, type) || whatIsNamed(type) !== undefined) return true;
  const advice = `--without ${logicalId} leaves it out, and --partial all that is not supported`;
  passOver(
    new RuntimeSetupError(`${unsupported(path, `the resource type ${type} is not supported`).message}: ${advice}`),
  );
  return false;
}

function resolveResource(declared: Declared, pseudo: PseudoParameters, scope: Scope): Resource {
  const { logicalId, fields } = declared;
  const path = at(fields, 'Properties');
  const properties = asFields(resolveValue(fields.values['Properties'] ?? {}, path, scope), path);
  return { logicalId, identity: identityIn(declared, pseudo, scope), properties };
}

function resolveOutputs(template: Fields, scope: Scope, passOver: PassOver): Readonly<Record<string, string>> {
  const entries = listOutputs(template, scope).flatMap(({ name, fields }) => {
    const value = attempt(() => outputValue(fields, scope), passOver);
    return value === undefined ? [] : [[name, value] as const];
  });
  return Object.fromEntries(entries);
}

function listOutputs(template: Fields, scope: Scope): readonly { readonly name: string; readonly fields: Fields }[] {
  return Object.entries(section(template, 'Outputs'))
    .map(([name, value]) => ({ name, fields: asFields(value, `${template.path}Outputs.${name}`) }))
    .filter(({ fields }) => isLive(fields, scope));
}

function outputValue(output: Fields, scope: Scope): string {
  const resolved = asFields(resolveValue({ Value: output.values['Value'] ?? null }, output.path, scope), output.path);
  return getTextField(resolved, 'Value');
}

function listExports(template: Fields, scope: Scope): ReturnType<ExportingTemplate['exports']> {
  const entries = listOutputs(template, scope).flatMap(({ fields }) => {
    const declared = findFields(fields, 'Export');
    if (declared === undefined) return [];
    const name = getTextField(asFields(resolveValue(declared.values, declared.path, scope), declared.path), 'Name');
    return [[name, () => outputValue(fields, scope)] as const];
  });
  return new Map(entries);
}
