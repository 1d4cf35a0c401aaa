/** The addresses of the local services. */
export interface Endpoints {
  readonly dynamodb: string;
  readonly s3: string;
  readonly sqs: string;
  readonly lambda: string;
}

/** Returns the environment variables by which the functions' SDK clients find the local services. */
export function environmentOf({ dynamodb, s3, sqs, lambda }: Endpoints): Record<string, string> {
  return {
    AWS_ENDPOINT_URL_DYNAMODB: dynamodb,
    AWS_ENDPOINT_URL_S3: s3,
    AWS_ENDPOINT_URL_SQS: sqs,
    AWS_ENDPOINT_URL_LAMBDA: lambda,
  };
}
