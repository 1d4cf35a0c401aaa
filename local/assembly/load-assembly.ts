import type { ApplicationModel } from '../model.ts';
import { readCloudAssembly } from './cloud-assembly.ts';
import { localEndpoints, readFunctions } from './read-functions.ts';
import { pseudoParametersOf } from './physical-names.ts';
import { readApi, readApiId } from './read-api.ts';
import { readBuckets } from './read-buckets.ts';
import { readMappings } from './read-mappings.ts';
import { readRoles } from './read-roles.ts';
import { readTables } from './read-tables.ts';
import { resolveTemplate } from './resolve-template.ts';

/** The region used when neither the caller nor the stack names one. */
const DEFAULT_REGION = 'us-east-1';
/** The account used when neither the caller nor the stack names one. */
const DEFAULT_ACCOUNT_ID = '000000000000';

/** The options for loading an assembly. */
export interface AssemblyOptions {
  /** The port of the local gateway: endpoints in the functions' environment lead to it. */
  readonly port: number;
  readonly region?: string;
  readonly accountId?: string;
}

/**
 * Reads a synthesized cloud assembly as the application that the runtime runs. Throws RuntimeSetupError for anything
 * that it does not support.
 */
export function loadAssembly(directory: string, options: AssemblyOptions): ApplicationModel {
  const assembly = readCloudAssembly(directory);
  const region = options.region ?? assembly.region ?? DEFAULT_REGION;
  const accountId = options.accountId ?? assembly.accountId ?? DEFAULT_ACCOUNT_ID;
  const template = resolveTemplate(
    assembly.template,
    pseudoParametersOf({ stackName: assembly.stackName, region, accountId }),
  );
  const localize = localEndpoints(readApiId(template), options.port);
  const tables = readTables(template);
  const functions = readFunctions(template, { codeDirectories: assembly.codeDirectories, localize });
  const buckets = readBuckets(template);
  return {
    region,
    accountId,
    tables,
    functions,
    roles: readRoles(template),
    mappings: readMappings(template, { tables, functions, buckets }),
    buckets: buckets.map(({ logicalId, name }) => ({ logicalId, name })),
    api: readApi(template, functions),
    outputs: Object.fromEntries(Object.entries(template.outputs).map(([name, value]) => [name, localize(value)])),
  };
}
