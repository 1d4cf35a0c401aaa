/**
 * The application that the runtime runs: a synthesized template, resolved. `assembly/` creates it; the gateway, the
 * Lambda pool and the stream poller each read their part of it. No type here belongs to one particular application.
 */

import type { CorsModel, FunctionUrlModel } from './function-url-model.ts';
import type { TableModel } from './table-model.ts';
import type { TopicModel } from './topic-model.ts';
import type { PipeTarget, RequestModels, TemplatedIntegration } from './integration-model.ts';

export type { CorsModel, FunctionUrlModel, TableModel, TopicModel };

/** A resolved CloudFormation value: JSON without intrinsic functions. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** A Lambda function of the template. */
export interface FunctionModel {
  readonly logicalId: string;
  /** The physical name, unique in the application. */
  readonly name: string;
  readonly arn: string;
  /** Absolute path of the unpacked bundle. */
  readonly codeDirectory: string;
  /** The handler in Lambda's form, `file.export`. */
  readonly handler: string;
  readonly runtime: string;
  /** The directories of the layers, the last one first: of several files of one path, that of the last layer counts. */
  readonly layers?: readonly string[];
  readonly memoryMb: number;
  readonly timeoutSeconds: number;
  readonly environment: Readonly<Record<string, string>>;
  readonly logGroupName: string;
  /** The ARN of the role whose rights it has. Absent where no template is behind it, as in a test of the pool. */
  readonly roleArn?: string;
  /** The settings of asynchronous events. Default: two retries within 6 hours. */
  readonly eventSettings?: EventInvokeSettings;
  /** The ARN of the queue that receives each asynchronous event that is given up. */
  readonly deadLetterQueue?: string;
  /** The versions and aliases that the template gives the function. All are the code that it has. */
  readonly qualifiers?: readonly string[];
}

/** A policy document with its name. */
export interface PolicyModel {
  readonly name: string;
  readonly document: { readonly [key: string]: Json };
}

/** A role of the template with everything that decides what it may do. */
export interface RoleModel {
  readonly name: string;
  readonly arn: string;
  /** Inline, attached and managed policies that are in the template. */
  readonly policies: readonly PolicyModel[];
  /** The ARNs of managed policies that are not in the template, such as those of AWS. */
  readonly managedPolicyArns: readonly string[];
  /** The permissions boundary: its policy, if that is in the template. */
  readonly boundary?: { readonly arn: string; readonly policy: PolicyModel | undefined };
  /** The services that may take on the role, such as `lambda.amazonaws.com`. `*`: all may. */
  readonly trustedServices: readonly string[];
  /** Whether the role was passed over, so that it grants nothing here. Default: false. */
  readonly isUnread?: boolean;
}

/** The settings of a function's asynchronous invocations. */
export interface EventInvokeSettings {
  /** Retries of an event whose function failed, 0 to 2. */
  readonly maximumRetryAttempts: number;
  readonly maximumEventAgeSeconds: number;
  /** The ARNs of the functions or queues that receive a record of each event that succeeded or failed. */
  readonly onSuccess?: string;
  readonly onFailure?: string;
}

/** An event source mapping with Lambda's defaults filled in. */
export interface EventSourceMappingModel {
  readonly logicalId: string;
  readonly uuid: string;
  readonly functionArn: string;
  readonly streamArn: string;
  readonly startingPosition: 'TRIM_HORIZON' | 'LATEST';
  readonly batchSize: number;
  readonly maximumBatchingWindowSeconds: number;
  readonly parallelizationFactor: number;
  /** The length of a tumbling window. Default: no windows. */
  readonly tumblingWindowSeconds?: number;
  /** Retries of a failed batch. -1: retried until its records are too old. */
  readonly maximumRetryAttempts: number;
  /** Age in seconds past which a record is given up. -1: 24 hours, the stream's retention. */
  readonly maximumRecordAgeSeconds: number;
  readonly bisectBatchOnFunctionError: boolean;
  readonly reportBatchItemFailures: boolean;
  /** The filter patterns, parsed from JSON. Without any, every record matches. */
  readonly filters: readonly Json[];
  /** The S3 bucket of the on-failure destination. */
  readonly failureBucket?: string;
  /** The ARN of the queue of the on-failure destination. */
  readonly failureQueue?: string;
  readonly enabled: boolean;
}

/** A pipe of EventBridge from a stream, which is read as by a mapping whose function is the pipe. */
export interface PipeModel {
  readonly name: string;
  /** The role in whose name the stream is read and the target is called. */
  readonly roleArn: string;
  readonly source: EventSourceMappingModel;
  readonly target: PipeTarget;
}

/** A queue of the template. */
export interface QueueModel {
  readonly logicalId: string;
  readonly name: string;
  readonly arn: string;
  /** The public URL, by which functions name it: `https://sqs.REGION.amazonaws.com/ACCOUNT/NAME`. */
  readonly url: string;
  /** The attributes of `CreateQueue`. Their values are texts. */
  readonly attributes: Readonly<Record<string, string>>;
}

/** An event source mapping of a queue, with Lambda's defaults filled in. */
export interface QueueMappingModel {
  readonly logicalId: string;
  readonly uuid: string;
  readonly functionArn: string;
  readonly queueArn: string;
  readonly batchSize: number;
  readonly maximumBatchingWindowSeconds: number;
  /** The most batches that run at once. */
  readonly maximumConcurrency: number;
  readonly reportBatchItemFailures: boolean;
  readonly filters: readonly Json[];
  readonly enabled: boolean;
}

/** A route of the WebSocket API, with the function behind it. */
export interface RouteModel {
  readonly routeKey: string;
  readonly functionArn?: string;
  /** The integration of a route that is no Lambda proxy. */
  readonly templated?: TemplatedIntegration;
  /** The models of its messages. Default: any message. */
  readonly requestModels?: RequestModels;
  /** Whether the route has a RouteResponse `$default`, so that the result's body is sent to the caller. */
  readonly returnsResponse: boolean;
  readonly integrationTimeoutMs: number;
  /** Whether API Gateway may invoke the function. Without a Lambda::Permission it answers "Internal server error". */
  readonly permitted: boolean;
}

/** The authorizer of `$connect`. */
export interface AuthorizerModel {
  readonly functionArn: string;
  /**
   * Identity sources such as `route.request.header.X` and `route.request.querystring.X`. All must be present in a
   * request.
   */
  readonly identitySources: readonly string[];
  readonly permitted: boolean;
}

/** A stage of a WebSocket API. Whether API Gateway may invoke the function of a route depends on the stage. */
export interface StageModel {
  readonly name: string;
  readonly routes: readonly RouteModel[];
  readonly variables?: Readonly<Record<string, string>>;
  readonly throttle?: { readonly ratePerSecond: number; readonly burst: number };
}

/** A WebSocket API with its stages. On AWS it has a host of its own; here it has a port of its own. */
export interface WebSocketApiModel {
  readonly logicalId: string;
  readonly apiId: string;
  /** The public host name, by which functions may call it: `ID.execute-api.REGION.amazonaws.com`. */
  readonly host: string;
  readonly port: number;
  readonly routeSelectionExpression: string;
  readonly connectAuthorizer?: AuthorizerModel;
  /** Whether a handshake must be signed, by the authorization type AWS_IAM of `$connect`. Default: false. */
  readonly isConnectSigned?: boolean;
  readonly stages: readonly StageModel[];
}

/** An application: all parts of the resolved templates of an assembly. */
export interface ApplicationModel {
  readonly region: string;
  readonly accountId: string;
  readonly tables: readonly TableModel[];
  readonly functions: readonly FunctionModel[];
  readonly roles: readonly RoleModel[];
  readonly mappings: readonly EventSourceMappingModel[];
  readonly buckets: readonly { readonly logicalId: string; readonly name: string }[];
  readonly queues: readonly QueueModel[];
  readonly queueMappings: readonly QueueMappingModel[];
  readonly topics: readonly TopicModel[];
  readonly pipes: readonly PipeModel[];
  readonly webSocketApis: readonly WebSocketApiModel[];
  /** The URLs of functions: the one that everyone may call without a signature first, if there is one. */
  readonly functionUrls: readonly FunctionUrlModel[];
  readonly outputs: Readonly<Record<string, string>>;
}

/** The result of one invocation, as Lambda reports it to the service that invoked the function. */
export type InvocationResult =
  | { readonly outcome: 'success'; readonly requestId: string; readonly payload: unknown }
  | {
      readonly outcome: 'function-error';
      readonly requestId: string;
      /** `Unhandled`, or `Runtime.…` and `Sandbox.Timedout` when the environment itself failed. */
      readonly errorType: string;
      readonly errorMessage: string;
    }
  /** The service could not run the function, because no environment could be started. The function is not at fault. */
  | {
      readonly outcome: 'service-error';
      readonly requestId: string;
      readonly errorMessage: string;
      /** Whether too many invocations of the function were waiting. Default: false. */
      readonly isThrottled?: boolean;
    };

/** The caller of an invocation. */
export interface InvokeOptions {
  /** The name of the source. Waiting invocations of a function begin in turn by their sources. Default: one source. */
  readonly source?: string;
  /** Aborted when the caller no longer waits. An invocation that has not begun by then does not begin. */
  readonly signal?: AbortSignal;
}

/** A synchronous invocation (`RequestResponse`) of a function. Never rejects. */
export type Invoke = (functionArn: string, event: unknown, options?: InvokeOptions) => Promise<InvocationResult>;

/** The output of the runtime: its own messages, and the lines that functions log. */
export interface Terminal {
  readonly info: (message: string) => void;
  readonly warn: (message: string) => void;
  /** Shows a raw line that a function wrote to stdout or stderr. */
  readonly lambdaLog: (functionName: string, requestId: string | undefined, line: string) => void;
}

/**
 * A user's mistake, such as a wrong option, a port in use or an unsupported template. The process prints one line and
 * exits with code 1.
 */
export class RuntimeSetupError extends Error {
  override readonly name = 'RuntimeSetupError';
}
