/** The stack's deployment environment: the values of the pseudo parameters, which ARNs contain too. */
export interface PseudoParameters {
  readonly stackName: string;
  readonly region: string;
  readonly accountId: string;
  readonly partition: string;
  readonly urlSuffix: string;
}

/** Returns the pseudo parameters of a stack. The partition and the URL suffix follow from the region. */
export function pseudoParametersOf(
  pseudo: Pick<PseudoParameters, 'stackName' | 'region' | 'accountId'>,
): PseudoParameters {
  if (pseudo.region.startsWith('cn-')) return { ...pseudo, partition: 'aws-cn', urlSuffix: 'amazonaws.com.cn' };
  const partition = pseudo.region.startsWith('us-gov-') ? 'aws-us-gov' : 'aws';
  return { ...pseudo, partition, urlSuffix: 'amazonaws.com' };
}

/** Returns an ARN of this account and region. `resource` is the part after the account. */
export function arnOf(pseudo: PseudoParameters, service: string, resource: string): string {
  return `arn:${pseudo.partition}:${service}:${pseudo.region}:${pseudo.accountId}:${resource}`;
}
