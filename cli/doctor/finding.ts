/** The result of one check of a stack. */
export interface Finding {
  readonly check: string;
  readonly status: 'ok' | 'problem' | 'skipped';
  readonly found: string;
  /** The action that fixes a problem. Every problem has one. */
  readonly remedy?: string;
}

export const ok = (check: string, found: string): Finding => ({ check, status: 'ok', found });

export const skipped = (check: string, found: string): Finding => ({ check, status: 'skipped', found });

export const problem = (check: string, found: string, remedy: string): Finding => ({
  check,
  status: 'problem',
  found,
  remedy,
});
