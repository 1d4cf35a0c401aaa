/** A connection of the runtime. Times are in epoch ms. */
export interface ViewedConnection {
  readonly connectionId: string;
  readonly stage: string;
  readonly connectedAt: number;
  readonly lastActiveAt: number;
  readonly userAgent?: string;
  /** The keys of what the application keeps of it, by table. */
  readonly items: readonly { readonly table: string; readonly keys: readonly string[] }[];
}

/** An invocation in the list. `kind` is absent while it runs. */
export interface ViewedInvocation {
  readonly id: string;
  readonly functionName: string;
  readonly startedAt: number;
  readonly kind?: string;
  readonly durationMs?: number;
}

/** An event source mapping. */
export interface ViewedMapping {
  readonly logicalId: string;
  readonly functionName: string;
  readonly source: string;
  readonly enabled: boolean;
  readonly position?: string;
  readonly waiting: number;
  readonly waitingSinceMs?: number;
}

/** The answer to `GET /_local/state`. */
export interface ViewFacts {
  readonly now: number;
  readonly stages: readonly string[];
  readonly connectionCount: number;
  readonly connections: readonly ViewedConnection[];
  readonly invocations: readonly ViewedInvocation[];
  readonly environments: { readonly busy: number; readonly all: number };
  readonly mappings: readonly ViewedMapping[];
  readonly refusals: readonly { readonly functionName: string; readonly message: string; readonly count: number }[];
  readonly lines: readonly { readonly at: number; readonly text: string }[];
}

/** The answer to `GET /_local/invocations/ID`. */
export interface ViewedDetails extends ViewedInvocation {
  readonly requestId: string;
  readonly event: string;
  readonly isWhole: boolean;
  readonly result?: { readonly kind: string; readonly text: string; readonly durationMs: number };
  readonly log: readonly string[];
}
