/** The services whose calls can be made to fail. */
export const FAULTY_SERVICES = ['dynamodb', 's3', 'lambda', 'connections'] as const;

/** A service whose calls can be made to fail. */
export type FaultyService = (typeof FAULTY_SERVICES)[number];

/** An error as a service answers it. */
export interface FaultError {
  readonly name: string;
  readonly status: number;
  readonly message: string;
}

/** The effect on a call: an error, no answer at all, or none but its delay. */
export type FaultEffect =
  | { readonly kind: 'error'; readonly error: FaultError }
  /** The connection is cut; at `@connections` the call is never answered. */
  | { readonly kind: 'cut' }
  /** The call is late and goes on. */
  | { readonly kind: 'none' };

/** A rule for calls that fail. */
export interface PlannedFault {
  readonly service: FaultyService;
  /** The operation, such as `UpdateItem`, or the method of `@connections`. Default: every one. */
  readonly operation: string | undefined;
  /** A part of the resource's ARN, such as a table's name. Default: every resource. */
  readonly on: string | undefined;
  readonly effect: FaultEffect;
  /** Time in ms before the effect, or before the service gets the call. */
  readonly delayMs: number;
  /** The share of the calls that fail, 0 to 1. */
  readonly share: number;
  /** The number of matching calls that are left alone first. */
  readonly after: number;
  /** The number of calls that fail; then no further ones do. */
  readonly times: number;
}

/** The faults of a run. */
export interface FaultPlan {
  /** Decides, together with the order of the calls, which of them fail. */
  readonly seed: number;
  readonly faults: readonly PlannedFault[];
}

/** A call as a rule sees it. */
export interface FaultyCall {
  readonly service: FaultyService;
  readonly operation: string;
  /** The ARNs that the call names. */
  readonly resources: readonly string[];
}
