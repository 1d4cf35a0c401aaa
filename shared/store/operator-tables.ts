import {
  DescribeContinuousBackupsCommand,
  DescribeTableCommand,
  DescribeTimeToLiveCommand,
  type DynamoDBClient,
} from '@aws-sdk/client-dynamodb';

/** The stream of a table, as DynamoDB describes it. */
export interface TableStream {
  /** Undefined: the table never had a stream. */
  readonly arn: string | undefined;
  readonly isOn: boolean;
  /** The images that a record carries: `NEW_IMAGE`, `NEW_AND_OLD_IMAGES`, … */
  readonly viewType: string | undefined;
}

/** The TTL of a table. */
export interface TableTtl {
  readonly isOn: boolean;
  /** DynamoDB's name of the status; undefined when TTL was never on. */
  readonly status: string | undefined;
  readonly attribute: string | undefined;
}

/** Describes the stream of a table. */
export async function describeStream(client: DynamoDBClient, table: string): Promise<TableStream> {
  const { Table } = await client.send(new DescribeTableCommand({ TableName: table }));
  const { StreamEnabled, StreamViewType } = Table?.StreamSpecification ?? {};
  return { arn: Table?.LatestStreamArn, isOn: StreamEnabled === true, viewType: StreamViewType };
}

/** Returns whether a table is protected from deletion. */
export async function isDeletionProtected(client: DynamoDBClient, table: string): Promise<boolean> {
  const { Table } = await client.send(new DescribeTableCommand({ TableName: table }));
  return Table?.DeletionProtectionEnabled === true;
}

/** Describes the TTL of a table. */
export async function describeTtl(client: DynamoDBClient, table: string): Promise<TableTtl> {
  const { TimeToLiveDescription: ttl } = await client.send(new DescribeTimeToLiveCommand({ TableName: table }));
  const status = ttl?.TimeToLiveStatus;
  return { isOn: status === 'ENABLED', status, attribute: ttl?.AttributeName };
}

/** Returns the status of a table's point-in-time recovery: `ENABLED`, `DISABLED`, or undefined when it has none. */
export async function findRecoveryStatus(client: DynamoDBClient, table: string): Promise<string | undefined> {
  const { ContinuousBackupsDescription } = await client.send(
    new DescribeContinuousBackupsCommand({ TableName: table }),
  );
  return ContinuousBackupsDescription?.PointInTimeRecoveryDescription?.PointInTimeRecoveryStatus;
}
