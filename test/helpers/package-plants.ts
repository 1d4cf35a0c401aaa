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
  { rule: 'packaging-imports-build-tools-alone', file: 'packaging', imports: 'infra/settings.ts' },
];
