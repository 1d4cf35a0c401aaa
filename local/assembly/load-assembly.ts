import { statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { ApplicationModel } from '../model.ts';
import { chooseStacks } from './choose-stacks.ts';
import { readCloudAssembly } from './cloud-assembly.ts';
import type { CodePlaces } from './find-code.ts';
import { type LocalPorts, localEndpoints } from './local-endpoints.ts';
import { listApiIds, readApis } from './read-api.ts';
import { readBuckets } from './read-buckets.ts';
import { listUrlIds, readFunctionUrls } from './read-function-urls.ts';
import { withReferences } from './read-event-settings.ts';
import { readFunctions } from './read-functions.ts';
import { readMappings } from './read-mappings.ts';
import { readPipes } from './read-pipes.ts';
import { readQueueMappings } from './read-queue-mappings.ts';
import { readQueues } from './read-queues.ts';
import { readRoles } from './read-roles.ts';
import type { PassOver } from './pass-over.ts';
import { readParameterValues } from './parameters.ts';
import { readTemplateFile } from './read-template-file.ts';
import { readTables } from './read-tables.ts';
import { readTopics } from './read-topics.ts';
import { resolveStacks } from './resolve-stacks.ts';
import type { ResolvedTemplate } from './resolve-template.ts';
import { refuseSharedNames } from './shared-names.ts';

/** The region and account of stacks that name none. */
const DEFAULT_PLACE = { region: 'us-east-1', accountId: '000000000000' } as const;

/** The directory inside of an assembly for code that the runtime unpacks. */
const WORK_DIRECTORY = '.distributary';

/** The options for opening an assembly. */
export interface AssemblyOptions {
  /** The names of the stacks that run. Default: all. */
  readonly stacks?: readonly string[] | undefined;
  /** The values of parameters, as texts `NAME=VALUE`. Default: those of the templates. */
  readonly parameters?: readonly string[] | undefined;
  /** The logical ids of resources that do not run. */
  readonly without?: readonly string[] | undefined;
  /** Receives what the runtime does not support, which then does not run. Default: it is refused. */
  readonly passOver?: PassOver | undefined;
  /** Receives a line for what is not here and begins nothing by itself, as a user pool. Default: nobody is told. */
  readonly notice?: ((line: string) => void) | undefined;
}

/** An assembly whose templates are resolved. */
export interface OpenAssembly {
  /** The number of ports that it needs: for each WebSocket API, and for each function URL but the first open one. */
  readonly portCount: number;
  /**
   * Returns the application that the runtime runs. `ports` are those of the APIs and of the function URLs, in their
   * order: endpoints in the functions' environment lead to them.
   */
  readonly load: (ports: readonly number[]) => ApplicationModel;
}

/**
 * Opens a synthesized cloud assembly, given its directory, or a CloudFormation or SAM template, given its file. Throws
 * RuntimeSetupError for anything that the runtime does not support.
 */
export function openAssembly(path: string, options: AssemblyOptions = {}): OpenAssembly {
  const isFile = statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
  const directory = isFile ? dirname(resolve(path)) : path;
  const assembly = isFile ? readTemplateFile(path) : readCloudAssembly(directory);
  const stacks = chooseStacks(assembly.stacks, options.stacks ?? [], directory);
  const template = resolveStacks(stacks, DEFAULT_PLACE, {
    parameters: readParameterValues(options.parameters ?? []),
    without: options.without ?? [],
    notice: options.notice,
    ...(options.passOver === undefined ? {} : { passOver: options.passOver }),
  });
  const apiIds = listApiIds(template);
  const { openId, otherIds } = listUrlIds(template);
  const places = {
    codeDirectories: assembly.codeDirectories,
    baseDirectory: directory,
    workDirectory: join(directory, WORK_DIRECTORY),
  };
  return {
    portCount: Math.max(1, apiIds.length) + otherIds.length,
    load: (ports) => {
      const urlPorts = ports.slice(Math.max(1, apiIds.length));
      const byUrl = new Map(otherIds.map((id, at) => [id, urlPorts[at] ?? 0]));
      if (openId !== undefined) byUrl.set(openId, ports[0] ?? 0);
      return load(template, places, { byUrl, byApi: new Map(apiIds.map((id, at) => [id, ports[at] ?? 0])) });
    },
  };
}

/** Opens an assembly and loads it with the given port for its first API, and the ports after it for the rest. */
export function loadAssembly(
  directory: string,
  options: AssemblyOptions & { readonly port: number },
): ApplicationModel {
  const { portCount, load } = openAssembly(directory, options);
  return load(Array.from({ length: portCount }, (_, index) => options.port + index));
}

function load(template: ResolvedTemplate, places: CodePlaces, ports: LocalPorts): ApplicationModel {
  const localize = localEndpoints(ports);
  const tables = readTables(template);
  const functions = withReferences(readFunctions(template, { ...places, localize }), template);
  const buckets = readBuckets(template);
  const queues = readQueues(template);
  const topics = readTopics(template);
  refuseSharedNames({ table: tables, function: functions, bucket: buckets, queue: queues });
  return {
    region: template.pseudo.region,
    accountId: template.pseudo.accountId,
    tables,
    functions,
    roles: readRoles(template),
    mappings: readMappings(template, { tables, functions, buckets, queues }),
    buckets: buckets.map(({ logicalId, name }) => ({ logicalId, name })),
    queues,
    queueMappings: readQueueMappings(template, { functions, queues }),
    topics,
    pipes: readPipes(template, { tables, functions, queues, topics }),
    webSocketApis: readApis(template, { functions, ports: ports.byApi }),
    functionUrls: readFunctionUrls(template, { functions, ports: ports.byUrl }),
    outputs: Object.fromEntries(Object.entries(template.outputs()).map(([name, value]) => [name, localize(value)])),
  };
}
