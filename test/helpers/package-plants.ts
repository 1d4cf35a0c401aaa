/** A file that breaks a rule: the file, what it imports, and what that resolves to when it is no path. */
export interface Plant {
  readonly rule: string;
  readonly file: string;
  readonly imports: string;
  readonly to?: string;
  /** A file between the two, to prove that the rule follows imports to the end. */
  readonly by?: string;
}

/** Planted imports: violations of the rules of the packages. */
export const PACKAGE_PLANTS: readonly Plant[] = [
  { rule: 'react-imports-react-and-the-client', file: 'react/src', imports: 'client/src/backoff.ts' },
  { rule: 'server-imports-shared-parts', file: 'server/src', imports: 'handlers/gate.ts' },
  { rule: 'server-imports-shared-parts', file: 'server/src', imports: 'shared/fanout/stream-records.ts' },
  { rule: 'publish-imports-store-and-topics', file: 'shared/publish', imports: 'shared/auth/needs.ts' },
  { rule: 'topics-import-patterns-and-protocol', file: 'shared/topics', imports: 'shared/store/schema.ts' },
  { rule: 'cli-imports-shared-and-client', file: 'cli', imports: 'local/runtime.ts' },
  { rule: 'packaging-imports-build-tools-alone', file: 'packaging', imports: 'infra/settings.ts' },
];
