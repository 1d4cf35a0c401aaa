import { createHash } from 'node:crypto';

/** What is kept of a hash where a name had to be cut: enough that two cut names do not meet. */
const HASH_SUFFIX_LENGTH = 8;

/** API Gateway gives its APIs ten letters and digits. */
const API_ID_LENGTH = 10;

/** And seven to what belongs to an API. */
const API_PART_ID_LENGTH = 7;

/** `Stack-LogicalId`: the same on each run, so that kept data is found again. */
export function physicalName(stackName: string, logicalId: string, maximumLength: number): string {
  const name = `${stackName}-${logicalId}`;
  if (name.length <= maximumLength) return name;
  const kept = name.slice(0, maximumLength - HASH_SUFFIX_LENGTH - 1);
  return `${kept}-${hashOf(name).slice(0, HASH_SUFFIX_LENGTH)}`;
}

/** A bucket's name follows DNS: lower case, 63 characters at most. */
export function bucketName(stackName: string, logicalId: string): string {
  const maximumLength = 63;
  return physicalName(stackName, logicalId, maximumLength).toLowerCase();
}

/** The id of an API: letters and digits, as it stands in a host name. */
export function apiId(stackName: string, logicalId: string): string {
  return shortId(`${stackName}-${logicalId}`, API_ID_LENGTH);
}

/** The id of a route, an integration, an authorizer. */
export function apiPartId(stackName: string, logicalId: string): string {
  return shortId(`${stackName}-${logicalId}`, API_PART_ID_LENGTH);
}

/** A UUID made of the logical id, so that the keys of given-up batches do not move between runs. */
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
