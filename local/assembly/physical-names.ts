import { createHash } from 'node:crypto';

/** The pseudo parameters of a stack: where it is deployed. ARNs contain them too. */
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

/** Characters of the hash at the end of a shortened name: enough to keep two shortened names different. */
const HASH_SUFFIX_LENGTH = 8;

/** The length of an API's id, as on AWS. */
const API_ID_LENGTH = 10;

/** The length of the id of a part of an API, as on AWS. */
const API_PART_ID_LENGTH = 7;

/** Returns `Stack-LogicalId`, the same on every run, so that kept data is found again. */
export function physicalName(stackName: string, logicalId: string, maximumLength: number): string {
  const name = `${stackName}-${logicalId}`;
  if (name.length <= maximumLength) return name;
  const kept = name.slice(0, maximumLength - HASH_SUFFIX_LENGTH - 1);
  return `${kept}-${hashOf(name).slice(0, HASH_SUFFIX_LENGTH)}`;
}

/** Returns a bucket's name, which follows DNS: lower case, at most 63 characters. */
export function bucketName(stackName: string, logicalId: string): string {
  const maximumLength = 63;
  return physicalName(stackName, logicalId, maximumLength).toLowerCase();
}

/** Returns the id of an API: letters and digits, as in a host name. */
export function apiId(stackName: string, logicalId: string): string {
  return shortId(`${stackName}-${logicalId}`, API_ID_LENGTH);
}

/** Returns the id of a route, an integration or an authorizer. */
export function apiPartId(stackName: string, logicalId: string): string {
  return shortId(`${stackName}-${logicalId}`, API_PART_ID_LENGTH);
}

/** Returns a UUID derived from the logical id, so that the object keys of failed batches stay the same between runs. */
export function stableUuid(stackName: string, logicalId: string): string {
  const hash = hashOf(`${stackName}-${logicalId}`);
  return [
    [0, 8],
    [8, 12],
    [12, 16],
    [16, 20],
    [20, 32],
  ]
    .map(([from, to]) => hash.slice(from, to))
    .join('-');
}

function shortId(seed: string, length: number): string {
  const base = 36;
  return BigInt(`0x${hashOf(seed)}`)
    .toString(base)
    .slice(0, length);
}

function hashOf(seed: string): string {
  return createHash('sha256').update(seed).digest('hex');
}
