import type { LambdaRefusal } from './invoke-answers.ts';

/** An operation of Lambda's API as a request asks for it, before anybody has judged whether it may be done. */
export interface LambdaOperation {
  /** The action in IAM's words, such as `lambda:GetFunction`. */
  readonly action: string;
  /** The ARN of the resource; `*` for a list of all. */
  readonly resource: string;
  /** The condition keys that the request has. */
  readonly context?: Readonly<Record<string, string>>;
  readonly run: (body: Buffer) => LambdaAnswer | LambdaRefusal;
}

/** An answer of Lambda's API. */
interface LambdaAnswer {
  readonly status: number;
  readonly content: object;
}
