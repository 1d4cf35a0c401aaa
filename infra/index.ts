export type { AuthProps, IdentityProviderAuth, SecretArnAuth, SecretAuth } from './auth-props.ts';
export { Distributary } from './distributary.ts';
export type { DistributaryProps } from './distributary-props.ts';
export type { HandlerBundles } from './handler-bundles.ts';
export type { AlarmProps } from './monitoring.ts';
export type { AddressType } from './settings.ts';
export type { TopicProps, TopicPropsByPattern } from './topic-props.ts';
export type { SourceTable, TopicsFrom, TopicsFromProps } from './topics-from.ts';
