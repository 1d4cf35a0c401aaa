/** A topic of SNS. */
export interface TopicModel {
  readonly name: string;
  readonly arn: string;
  /** The queues that receive what is published. */
  readonly subscriptions: readonly SubscribedQueue[];
}

/** A subscription of a queue. */
export interface SubscribedQueue {
  readonly queueArn: string;
  /** `FilterPolicy`, `FilterPolicyScope` and `RawMessageDelivery`, as texts. */
  readonly attributes: Readonly<Record<string, string>>;
}
