/** The result of a template: it does what its README says; it only loads; a part of it loads; or it is refused. */
export type TriedResult = 'runs' | 'loads' | 'partly' | 'refused';

/** A repository whose templates were tried, with what came of each. */
export interface TriedRepository {
  readonly repository: string;
  readonly commit: string;
  /** The folder of its templates. */
  readonly under: string;
  readonly templates: readonly (readonly [path: string, result: TriedResult, what: string])[];
}
