import { type Json, RuntimeSetupError } from '../model.ts';
import type { StackTemplate } from './cloud-assembly.ts';
import { refuseAll } from './pass-over.ts';
import { pseudoParametersOf, type PseudoParameters } from './physical-names.ts';
import {
  type ExportingTemplate,
  type ResolvedTemplate,
  type ResolveOptions,
  resolveTemplate,
} from './resolve-template.ts';

/** The place of stacks that name none. */
export interface DefaultPlace {
  readonly region: string;
  readonly accountId: string;
}

/**
 * Resolves the templates of stacks as one: a stack may import what another exports. Throws RuntimeSetupError for stacks
 * of several regions or accounts, and for anything that the runtime does not support.
 */
export function resolveStacks(
  stacks: readonly StackTemplate[],
  place: DefaultPlace,
  options: Omit<ResolveOptions, 'importValue'> = {},
): ResolvedTemplate {
  const pseudos = stacks.map(({ stackName, region = place.region, accountId = place.accountId }) =>
    pseudoParametersOf({ stackName, region, accountId }),
  );
  refuseSeveralPlaces(pseudos);
  const importValue = (name: string, path: string): Json | undefined => {
    const exporter = templates.map((template) => template.exports().get(name)).find((found) => found !== undefined);
    return exporter?.(path);
  };
  const templates: readonly ExportingTemplate[] = stacks.map(({ template }, index) =>
    resolveTemplate(template, pseudos[index] ?? pseudoParametersOf({ ...place, stackName: '' }), {
      ...options,
      importValue,
    }),
  );
  return {
    pseudo: pseudos[0] ?? pseudoParametersOf({ ...place, stackName: '' }),
    ofType: (...types) => templates.flatMap((template) => template.ofType(...types)),
    readEach: (type, read, instead) => templates.flatMap((template) => template.readEach(type, read, instead)),
    passOver: options.passOver ?? refuseAll,
    notice: options.notice ?? (() => undefined),
    outputs: () => mergeOutputs(templates),
  };
}

function refuseSeveralPlaces(pseudos: readonly PseudoParameters[]): void {
  const places = pseudos.map(({ stackName, region, accountId }) => ({ stackName, place: `${accountId}/${region}` }));
  const [first] = places;
  const other = places.find(({ place }) => place !== first?.place);
  if (first === undefined || other === undefined) return;
  throw new RuntimeSetupError(
    `the stack ${first.stackName} is in ${first.place} and ${other.stackName} in ${other.place}, and the local ` +
      `runtime runs one place: choose stacks with --stack ${first.stackName} or --stack ${other.stackName}`,
  );
}

/** Returns all outputs. Of several with one name, those after the first have their stack's name before it. */
function mergeOutputs(templates: readonly ExportingTemplate[]): Readonly<Record<string, string>> {
  const merged = new Map<string, string>();
  for (const { pseudo, outputs } of templates) {
    for (const [name, value] of Object.entries(outputs())) {
      merged.set(merged.has(name) ? `${pseudo.stackName}.${name}` : name, value);
    }
  }
  return Object.fromEntries(merged);
}
