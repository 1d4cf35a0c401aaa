/** The facts of this machine that an execution environment is told, and that the function does not see. */
export interface BootstrapSettings {
  /**
   * The ports of this machine that public host names lead to. A name that begins with `*.` is for each host of its
   * domain that is not named.
   */
  readonly hosts: Readonly<Record<string, number>>;
  /** The files from whose directories up the SDK is found, which Lambda brings along. */
  readonly sdkParents: readonly string[];
  /** The directories of the function's layers, which are at /opt on Lambda. */
  readonly layers: readonly string[];
}

/** The environment variable that brings the settings to the bootstrap, which removes it. */
export const SETTINGS_VARIABLE = '_LOCAL_RUNTIME_SETTINGS';
