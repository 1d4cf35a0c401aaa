import type { ComparedBehaviour } from './compared-behaviour.ts';
import { COMPARED_GATEWAY } from './compared-gateway.ts';
import { COMPARED_SERVICES } from './compared-services.ts';

/** A local runtime of others, at the commit at which its source was read. */
export interface ComparedRuntime {
  readonly name: string;
  readonly repository: string;
  readonly commit: string;
}

/** The runtimes that are compared. */
export const COMPARED_RUNTIMES: readonly ComparedRuntime[] = [
  { name: 'floci', repository: 'floci-io/floci', commit: 'a2389e7733249102c9736cfb3698cf409f41bc4b' },
  { name: 'ministack', repository: 'ministackorg/ministack', commit: 'f1bdbd8c2c3b9f10a45adf239a4c85d980fac085' },
  {
    name: 'serverless-offline',
    repository: 'dherault/serverless-offline',
    commit: 'd243b3ed4a34238c2e441ca14483e762121972aa',
  },
];

/** The behaviours that are compared, in the order of their numbers. */
export const COMPARED_BEHAVIOURS: readonly ComparedBehaviour[] = [...COMPARED_GATEWAY, ...COMPARED_SERVICES];
