/** A DynamoDB table of the template. */
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
      /** Whether it is a local secondary index, of the partition of the table. Default: a global one. */
      readonly isLocal?: boolean;
    }[];
  };
  readonly streamViewType?: 'KEYS_ONLY' | 'NEW_IMAGE' | 'OLD_IMAGE' | 'NEW_AND_OLD_IMAGES';
  /** The ARN that events show, known before the engine runs. The engine's own ARN never leaves the poller. */
  readonly streamArn?: string;
  /** The attribute that holds the expiry in epoch seconds, if TTL is enabled. */
  readonly ttlAttribute?: string;
}
