/** The outcome of an integration, as API Gateway sees it. */
export type IntegrationOutcome =
  | { readonly kind: 'success'; readonly payload: unknown }
  | { readonly kind: 'failed'; readonly reason: string }
  /** The function has too many waiting invocations. */
  | { readonly kind: 'throttled'; readonly reason: string }
  | { readonly kind: 'timed-out' };
