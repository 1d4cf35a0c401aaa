import { type Duration, RemovalPolicy } from 'aws-cdk-lib';
import { Effect, type IRole, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Architecture, Code, Function, Runtime, Tracing } from 'aws-cdk-lib/aws-lambda';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { ENVIRONMENT } from '../shared/config.ts';
import type { HandlerBundles } from './handler-bundles.ts';

/** The properties of a Lambda. */
export interface HandlerFunctionProps {
  /** The file name in handlers/, without its ending. */
  readonly handler: string;
  readonly bundles: HandlerBundles;
  readonly description: string;
  readonly memoryMb: number;
  readonly timeout: Duration;
  /** The stack's name, a dimension of the metrics that the handler writes. */
  readonly stackName: string;
  /** Number of executions at once that the function has to itself, and at most. Default: none reserved, no bound. */
  readonly reservedConcurrency?: number;
}

/** The conditions of a grant, by IAM's operator and key. */
type GrantConditions = Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;

/** A Lambda of this project: its code, its log group, and a role that may only write to this group and to X-Ray. */
export class HandlerFunction extends Construct {
  readonly function: Function;
  readonly role: IRole;

  constructor(scope: Construct, id: string, props: HandlerFunctionProps) {
    super(scope, id);
    const logGroup = new LogGroup(this, 'Logs', {
      retention: RetentionDays.ONE_MONTH,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    this.role = new Role(this, 'Role', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
    this.allow(['logs:CreateLogStream', 'logs:PutLogEvents'], [logGroup.logGroupArn]);
    this.function = new Function(this, 'Function', {
      description: props.description,
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      code: Code.fromAsset(props.bundles.directoryOf(props.handler)),
      handler: 'index.handler',
      memorySize: props.memoryMb,
      timeout: props.timeout,
      role: this.role,
      logGroup,
      // Grants the role PutTraceSegments and PutTelemetryRecords, as X-Ray documents; these take no resource.
      tracing: Tracing.ACTIVE,
      environment: { [ENVIRONMENT.stackName]: props.stackName },
      ...(props.reservedConcurrency === undefined ? {} : { reservedConcurrentExecutions: props.reservedConcurrency }),
    });
  }

  /** Grants these actions on these resources, and no others. */
  allow(actions: readonly string[], resources: readonly string[], conditions: GrantConditions = {}): void {
    const given = { actions: [...actions], resources: [...resources], conditions };
    this.role.addToPrincipalPolicy(new PolicyStatement({ effect: Effect.ALLOW, ...given }));
  }

  /** Sets an environment variable that names a resource, and grants the actions on it, so that neither is forgotten. */
  bind(
    variable: string,
    value: string,
    grant: {
      readonly actions: readonly string[];
      readonly resources: readonly string[];
      readonly conditions?: GrantConditions;
    },
  ): void {
    this.function.addEnvironment(variable, value);
    if (grant.actions.length > 0) this.allow(grant.actions, grant.resources, grant.conditions);
  }
}
