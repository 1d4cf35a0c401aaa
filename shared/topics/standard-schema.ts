/**
 * A schema by the Standard Schema specification, as zod, valibot, ArkType and others write it. `Input` is the type of
 * the values that fit. The specification is an interface to copy: no package is needed to accept its schemas.
 * @see https://standardschema.dev
 */
export interface StandardSchema<Input = unknown> {
  readonly '~standard': {
    readonly version: 1;
    /** The name of the library. */
    readonly vendor: string;
    /** Checks a value. The result may be a promise. */
    readonly validate: (value: unknown) => SchemaResult | Promise<SchemaResult>;
    /** The types alone; undefined at run time. */
    readonly types?: { readonly input: Input; readonly output: unknown } | undefined;
  };
}

/** The result of a check. `issues` is absent for a value that fits. */
export interface SchemaResult {
  readonly issues?: readonly SchemaIssue[] | undefined;
}

/** A fault that a schema found: the reason, and the path to the faulty part. */
export interface SchemaIssue {
  readonly message: string;
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}
