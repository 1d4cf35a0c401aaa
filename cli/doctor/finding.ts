/** The result of one check of a stack. */
export interface Finding {
  readonly check: string;
  readonly status: 'ok' | 'problem' | 'notice' | 'skipped';
  readonly found: string;
  /** The action that fixes a problem, or follows a notice. Each of both has one. */
  readonly remedy?: string;
}

/** Returns a finding that all is well. */
export const ok = (check: string, found: string): Finding => ({ check, status: 'ok', found });

/** Returns a finding of a check that could not be made. */
export const skipped = (check: string, found: string): Finding => ({ check, status: 'skipped', found });

/** Returns a finding that needs an operator. */
export const problem = (check: string, found: string, remedy: string): Finding => ({
  check,
  status: 'problem',
  found,
  remedy,
});

/** Returns a finding that an operator should know, and may have chosen. */
export const notice = (check: string, found: string, remedy: string): Finding => ({
  check,
  status: 'notice',
  found,
  remedy,
});
