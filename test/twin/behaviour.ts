/** A behaviour of AWS that a local runtime may get wrong. */
export interface Behaviour {
  /** The number of its section and its place there, such as `A1.2`. */
  readonly number: string;
  readonly what: string;
  /** The file of the test that shows it, under `test/`, and a part of the test's title. */
  readonly test?: readonly [file: string, title: string];
  /** The reason for which it is otherwise here. */
  readonly otherwise?: string;
}
