/** The service that an integration with mapping templates calls. */
export type ServiceTarget =
  /** A mock calls nothing: the request's template says the status. */
  | { readonly kind: 'mock' }
  | { readonly kind: 'lambda'; readonly functionArn: string }
  /** An operation of DynamoDB, such as `PutItem`. */
  | { readonly kind: 'dynamodb'; readonly operation: string }
  | { readonly kind: 'sqs'; readonly queueName: string }
  | { readonly kind: 'sns' };

/** The target of a pipe: a function, a queue or a topic of the template. */
export type PipeTarget = Extract<ServiceTarget, { readonly kind: 'lambda' | 'sqs' | 'sns' }> & {
  readonly arn: string;
};

/** Templates by their keys. */
export type Templates = Readonly<Record<string, string>>;

/** A response of an integration: the key that a status matches, and what is sent. */
export interface IntegrationResponseModel {
  /** `$default`, or a pattern between slashes such as `/2\d\d/`. */
  readonly key: string;
  readonly templates: Templates;
  readonly templateSelection: string | undefined;
}

/** An integration whose request and response are made by mapping templates. */
export interface TemplatedIntegration {
  readonly target: ServiceTarget;
  /** The ARN of the role in whose name the service is called. */
  readonly roleArn: string | undefined;
  readonly requestTemplates: Templates;
  readonly templateSelection: string | undefined;
  readonly passthrough: 'WHEN_NO_MATCH' | 'WHEN_NO_TEMPLATES' | 'NEVER';
  readonly responses: readonly IntegrationResponseModel[];
}

/** The models that the messages of a route must match. */
export interface RequestModels {
  readonly selection: string;
  /** JSON schemas by the keys that the selection yields. */
  readonly schemas: Readonly<Record<string, unknown>>;
}
