/** The CORS settings of a function URL, which answers preflights by itself. */
export interface CorsModel {
  readonly allowOrigins: readonly string[];
  readonly allowMethods: readonly string[];
  readonly allowHeaders: readonly string[];
  readonly exposeHeaders: readonly string[];
  readonly allowCredentials: boolean;
  readonly maxAgeSeconds?: number | undefined;
}

/** The URL of a function that streams its results. */
export interface FunctionUrlModel {
  readonly logicalId: string;
  readonly urlId: string;
  readonly functionArn: string;
  /** The port that serves the URL. */
  readonly port: number;
  /** The ARN that policies name: that of the function, or of its alias. */
  readonly qualifiedArn: string;
  /** Whether requests are signed, and judged by the policies of their signer. */
  readonly isSigned: boolean;
  /** Whether everyone may invoke the function by its URL. Without the permission Lambda answers 403. */
  readonly permitted: boolean;
  readonly cors?: CorsModel | undefined;
}
