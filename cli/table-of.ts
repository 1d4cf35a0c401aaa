import type { ScanDeps } from '../shared/store/operator-scan.ts';
import type { Backend } from './backend.ts';
import { CLI_BOUNDS } from './bounds.ts';

/** The tables of a stack, by the names of its outputs. */
export type TableOutput = 'topicsTable' | 'messagesTable' | 'keysTable' | 'subscriptionsTable';

/** Returns a table of the stack as the functions of shared/store/ take it: its name, and the client that reaches it. */
export const tableOf = ({ stack, dynamodb }: Pick<Backend, 'stack' | 'dynamodb'>, output: TableOutput): ScanDeps => ({
  client: dynamodb,
  table: stack.resources[output],
  maxItems: CLI_BOUNDS.SCANNED_ITEMS,
});
