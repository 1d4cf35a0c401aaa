import { isWildcard } from '../../protocol/wildcard.ts';
import type { CatchUpRequest } from '../../store/catch-up-request.ts';
import type { SubscriptionRequest } from './answer-subscriptions.ts';

/** A request that a change record asks for. */
export interface RecordRequest<Record> {
  readonly record: Record;
  readonly request: CatchUpRequest;
}

/** Requests that are answered together: several subscriptions of one connection, or any one request. */
export interface RequestGroup<Record> {
  readonly asked: readonly RecordRequest<Record>[];
  /** The subscriptions, where there are several. */
  readonly together: readonly [SubscriptionRequest, ...SubscriptionRequest[]] | undefined;
}

/**
 * Groups requests: the subscriptions of one connection that are in one batch, such as those of its handshake, are
 * answered together. One to a wildcard, which may have many answers, is answered by itself.
 */
export function groupRequests<Record>(asked: readonly RecordRequest<Record>[]): readonly RequestGroup<Record>[] {
  const groups = Map.groupBy(asked, (each) => groupOf(each.request) ?? each);
  return Array.from(groups.values(), (each) => ({
    asked: each,
    together: several(each.map(({ request }) => request)),
  }));
}

const isGrouped = (request: CatchUpRequest): request is SubscriptionRequest =>
  request.kind === 'subscription' && !isWildcard(request.topic);

const groupOf = (request: CatchUpRequest): string | undefined =>
  isGrouped(request) ? `${request.connectionId} ${request.connectedAt}` : undefined;

function several(requests: readonly CatchUpRequest[]): RequestGroup<unknown>['together'] {
  const [first, ...others] = requests.filter(isGrouped);
  return first === undefined || others.length === 0 ? undefined : [first, ...others];
}
