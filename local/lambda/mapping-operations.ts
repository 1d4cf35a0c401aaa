import type { MappingControl } from '../switched-mapping.ts';
import { mappingConfiguration, sourceOf } from './describe-mapping.ts';
import type { FindFunction } from './function-finder.ts';
import { functionRefusal, type LambdaRefusal, refusal } from './invoke-answers.ts';
import type { LambdaOperation } from './lambda-operation.ts';
import { decodeMappingChanges } from './mapping-changes.ts';
import { pageOf } from './paging.ts';

/** Mappings of one page, 100 as on AWS. */
const PAGE_MAXIMUM = 100;

/** The operations on event source mappings. */
export interface MappingOperations {
  readonly list: (query: URLSearchParams) => LambdaOperation;
  readonly get: (uuid: string) => LambdaOperation;
  readonly update: (uuid: string) => LambdaOperation;
}

/** The mappings that the operations tell of. */
export interface MappingOperationsOptions {
  /** Returns the mappings that run. None do before their sources are there. */
  readonly mappings: () => readonly MappingControl[];
  readonly find: FindFunction;
  /** The start of the ARNs of mappings, up to the id. */
  readonly arnStart: string;
}

/** Creates the operations that tell of event source mappings, and change them. */
export function createMappingOperations({ mappings, find, arnStart }: MappingOperationsOptions): MappingOperations {
  const describe = (mapping: MappingControl) => mappingConfiguration(mapping, arnStart);
  const one = (action: string, uuid: string, run: (mapping: MappingControl, body: Buffer) => ReturnType<Run>) => {
    const mapping = mappings().find(({ model }) => model.uuid === uuid);
    return {
      action,
      resource: `${arnStart}${uuid}`,
      context: mapping === undefined ? {} : { 'lambda:FunctionArn': mapping.model.functionArn },
      run: (body: Buffer) => (mapping === undefined ? UNKNOWN : run(mapping, body)),
    };
  };
  return {
    list: (query) => ({
      action: 'lambda:ListEventSourceMappings',
      resource: '*',
      run: () => {
        const found = select(mappings(), query, find);
        const page = 'errorType' in found ? found : pageOf(found, query, PAGE_MAXIMUM);
        if ('errorType' in page) return page;
        const { items, ...more } = page;
        return { status: 200, content: { EventSourceMappings: items.map(describe), ...more } };
      },
    }),
    get: (uuid) =>
      one('lambda:GetEventSourceMapping', uuid, (mapping) => ({ status: 200, content: describe(mapping) })),
    update: (uuid) =>
      one('lambda:UpdateEventSourceMapping', uuid, (mapping, body) => {
        const changes = decodeMappingChanges(body, mapping.model);
        if ('errorType' in changes) return changes;
        return mapping.change(changes) ? { status: 202, content: describe(mapping) } : IN_USE;
      }),
  };
}

type Run = LambdaOperation['run'];

const UNKNOWN = refusal('ResourceNotFoundException', 'The resource you requested does not exist.');
const IN_USE = refusal('ResourceInUseException', 'Cannot update the event source mapping because it is in use.');

/** Returns the mappings of a source, of a function, of both or all. */
function select(
  all: readonly MappingControl[],
  query: URLSearchParams,
  find: FindFunction,
): readonly MappingControl[] | LambdaRefusal {
  const [source, reference] = [query.get('EventSourceArn'), query.get('FunctionName')];
  const ofSource = source === null ? all : all.filter(({ model }) => sourceOf(model) === source);
  if (reference === null) return ofSource;
  const named = find(encodeURIComponent(reference), null);
  if (named.model === undefined) return functionRefusal(named);
  return ofSource.filter(({ model }) => model.functionArn === named.model?.arn);
}
