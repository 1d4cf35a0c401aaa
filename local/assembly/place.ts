/** The stack's deployment environment: the values of the pseudo parameters, which ARNs contain too. */
export interface Place {
  readonly stackName: string;
  readonly region: string;
  readonly accountId: string;
  readonly partition: string;
  readonly urlSuffix: string;
}

/** Returns the pseudo parameters of a stack. The partition and the URL suffix follow from the region. */
export function placeOf(place: Pick<Place, 'stackName' | 'region' | 'accountId'>): Place {
  if (place.region.startsWith('cn-')) return { ...place, partition: 'aws-cn', urlSuffix: 'amazonaws.com.cn' };
  const partition = place.region.startsWith('us-gov-') ? 'aws-us-gov' : 'aws';
  return { ...place, partition, urlSuffix: 'amazonaws.com' };
}

/** Returns an ARN of this account and region. `resource` is the part after the account. */
export function arnOf(place: Place, service: string, resource: string): string {
  return `arn:${place.partition}:${service}:${place.region}:${place.accountId}:${resource}`;
}
