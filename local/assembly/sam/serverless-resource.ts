import type { Fields, JsonObject } from '../fields.ts';
import type { PassOver } from '../pass-over.ts';

/** A resource of SAM that is expanded. */
export interface ServerlessResource {
  readonly logicalId: string;
  readonly properties: Fields;
  /** The members beside the type and the properties, such as a condition: those of each resource it becomes. */
  readonly shared: JsonObject;
  /** The logical ids of what does not run. */
  readonly without: readonly string[];
  readonly passOver: PassOver;
}
