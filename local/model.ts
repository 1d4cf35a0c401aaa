/**
 * What the runtime runs: a synthesized template, resolved. `assembly/` makes it; the gateway, the Lambda pool and the
 * stream poller each take the part that is theirs. Nothing here knows any one application.
 */

/** A resolved CloudFormation scalar tree. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

export interface FunctionModel {
  readonly logicalId: string;
  /** Physical name: unique in the application. */
  readonly name: string;
  readonly arn: string;
  /** Absolute path of the unpacked bundle. */
  readonly codeDirectory: string;
  /** `file.export`, as on Lambda. */
  readonly handler: string;
  readonly runtime: string;
  readonly memoryMb: number;
  readonly timeoutSeconds: number;
  readonly environment: Readonly<Record<string, string>>;
  readonly logGroupName: string;
}

export interface TableModel {
  readonly logicalId: string;
  readonly name: string;
  readonly arn: string;
  /** The input of `CreateTable`, without the stream. */
  readonly definition: {
    readonly attributes: readonly { readonly name: string; readonly type: 'S' | 'N' | 'B' }[];
    readonly keys: readonly { readonly name: string; readonly type: 'HASH' | 'RANGE' }[];
    readonly indexes: readonly {
      readonly name: string;
      readonly keys: readonly { readonly name: string; readonly type: 'HASH' | 'RANGE' }[];
      readonly projection: 'ALL' | 'KEYS_ONLY' | 'INCLUDE';
      readonly nonKeyAttributes: readonly string[];
    }[];
  };
  readonly streamViewType?: 'KEYS_ONLY' | 'NEW_IMAGE' | 'OLD_IMAGE' | 'NEW_AND_OLD_IMAGES';
  /** Known before the engine runs; the event shows it, the engine's own ARN stays inside the poller. */
  readonly streamArn?: string;
  /** Attribute that holds epoch seconds, when TTL is enabled. */
  readonly ttlAttribute?: string;
}

/** An event source mapping with Lambda's defaults filled in. */
export interface MappingModel {
  readonly logicalId: string;
  readonly uuid: string;
  readonly functionArn: string;
  readonly streamArn: string;
  readonly startingPosition: 'TRIM_HORIZON' | 'LATEST';
  readonly batchSize: number;
  readonly batchingWindowSeconds: number;
  readonly parallelizationFactor: number;
  /** -1: no limit but the record's own age. */
  readonly maximumRetryAttempts: number;
  /** -1: 24 hours, the stream's retention. */
  readonly maximumRecordAgeSeconds: number;
  readonly bisectOnError: boolean;
  readonly reportBatchItemFailures: boolean;
  /** Filter patterns, JSON parsed. Empty: everything matches. */
  readonly filters: readonly Json[];
  /** Name of the S3 bucket that takes what was given up. */
  readonly failureBucket?: string;
  readonly enabled: boolean;
}

export interface RouteModel {
  readonly routeKey: string;
  readonly functionArn?: string;
  /** The route has a RouteResponse `$default`, so that the result's body goes back to the caller. */
  readonly returnsResponse: boolean;
  readonly integrationTimeoutMs: number;
  /** Lambda::Permission exists; without it API Gateway answers «Internal server error». */
  readonly permitted: boolean;
}

export interface AuthorizerModel {
  readonly functionArn: string;
  /** `route.request.header.X`, `route.request.querystring.X`; all must be present. */
  readonly identitySources: readonly string[];
  readonly permitted: boolean;
}

export interface WebSocketApiModel {
  readonly logicalId: string;
  readonly apiId: string;
  readonly stage: string;
  readonly routeSelectionExpression: string;
  readonly routes: readonly RouteModel[];
  readonly connectAuthorizer?: AuthorizerModel;
  readonly throttle?: { readonly ratePerSecond: number; readonly burst: number };
}

export interface ApplicationModel {
  readonly region: string;
  readonly accountId: string;
  readonly tables: readonly TableModel[];
  readonly functions: readonly FunctionModel[];
  readonly mappings: readonly MappingModel[];
  readonly buckets: readonly { readonly logicalId: string; readonly name: string }[];
  readonly api: WebSocketApiModel;
  readonly outputs: Readonly<Record<string, string>>;
}

/** What came of one invocation, as Lambda tells the service that asked for it. */
export type InvocationResult =
  | { readonly outcome: 'success'; readonly requestId: string; readonly payload: unknown }
  | {
      readonly outcome: 'function-error';
      readonly requestId: string;
      /** `Unhandled`, or `Runtime.…` and `Sandbox.Timedout` when the environment itself failed. */
      readonly errorType: string;
      readonly errorMessage: string;
    }
  /** The service could not run it (no environment could be started): not the function's fault. */
  | { readonly outcome: 'service-error'; readonly requestId: string; readonly errorMessage: string };

/** Synchronous invocation (`RequestResponse`); never rejects. */
export type Invoke = (functionArn: string, event: unknown) => Promise<InvocationResult>;

/** One line of the runtime's own talk; Lambda logs come by `lambdaLog`. */
export interface Terminal {
  readonly info: (message: string) => void;
  readonly warn: (message: string) => void;
  /** Raw line that a function wrote to stdout or stderr. */
  readonly lambdaLog: (functionName: string, requestId: string | undefined, line: string) => void;
}

/** A mistake of the person at the terminal (wrong flag, port in use, unsupported template): one line and exit 1. */
export class RuntimeSetupError extends Error {
  override readonly name = 'RuntimeSetupError';
}
