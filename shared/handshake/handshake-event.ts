type Lists = Readonly<Record<string, readonly string[]>>;

/**
 * The event that API Gateway passes to the authorizer of `$connect`, with the fields that are used here. An absent part
 * may be null.
 *
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-websocket-api-lambda-auth.html
 */
export interface HandshakeEvent {
  /** The ARN of `$connect` on the stage. */
  readonly methodArn: string;
  readonly requestContext: { readonly connectionId: string };
  readonly multiValueHeaders?: Lists | null;
  readonly multiValueQueryStringParameters?: Lists | null;
}

/** Returns all values of a header, whose name may have any case. */
export const headerValues = ({ multiValueHeaders }: HandshakeEvent, name: string): readonly string[] =>
  Object.entries(multiValueHeaders ?? {}).flatMap(([header, values]) => (header.toLowerCase() === name ? values : []));

/** Returns all values of a query parameter. */
export const queryValues = ({ multiValueQueryStringParameters }: HandshakeEvent, name: string): readonly string[] =>
  Object.entries(multiValueQueryStringParameters ?? {}).flatMap(([key, values]) => (key === name ? values : []));
