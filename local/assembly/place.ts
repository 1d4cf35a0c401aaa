/** Where the stack is said to be deployed: what the pseudo parameters answer and ARNs contain. */
export interface Place {
  readonly stackName: string;
  readonly region: string;
  readonly accountId: string;
  readonly partition: string;
  readonly urlSuffix: string;
}

/** Fills in what follows from the region. */
export function placeOf(place: Pick<Place, 'stackName' | 'region' | 'accountId'>): Place {
  if (place.region.startsWith('cn-')) return { ...place, partition: 'aws-cn', urlSuffix: 'amazonaws.com.cn' };
  const partition = place.region.startsWith('us-gov-') ? 'aws-us-gov' : 'aws';
  return { ...place, partition, urlSuffix: 'amazonaws.com' };
}

/** An ARN of this account and region; `resource` begins after the account's colon. */
export function arnOf(place: Place, service: string, resource: string): string {
  return `arn:${place.partition}:${service}:${place.region}:${place.accountId}:${resource}`;
}
