/** The text that is shown in place of a secret. */
const MASK = '•••';

/** A string of JSON, with its quotes, or the beginning of one that was cut off. */
const TEXT = String.raw`"(?:[^"\\]|\\.)*(?:"|\\?$)`;
/** One string of JSON, or a list of them. */
const TEXTS = String.raw`(?:${TEXT}|\[(?:${TEXT}|[\s,])*)`;

/**
 * The fields whose texts are secrets: headers, the cookies of a function URL, `token` of a query or a result, and the
 * signature of a query.
 */
const SECRET_FIELDS = new RegExp(
  `("(?:(?:proxy-)?authorization|cookies?|set-cookie|token|x-amz-(?:security-token|signature))"\\s*:\\s*)(${TEXTS})`,
  'gi',
);

/** A secret in JSON that is itself a text of JSON, such as the body of a result. */
const INNER_FIELDS = /(\\+"(?:authorization|cookies?|token)\\+"\s*:\s*\\+")[^"\\]*/gi;

/** The token among the subprotocols of a handshake. */
const SUBPROTOCOL = /(?<![\w.-])token\.[\w.~+/=-]+/g;

/** The token in the text of a query. */
const QUERY = /((?:^|[?&"])token=)[^&"\s\\]*/g;

/**
 * Returns the JSON of an event or a result as it may be shown: without what a client proves itself by. The text may be
 * cut off.
 */
export function maskTokens(json: string): string {
  return json
    .replaceAll(SECRET_FIELDS, (_all, name: string, texts: string) => name + maskTexts(texts))
    .replaceAll(INNER_FIELDS, `$1${MASK}`)
    .replaceAll(SUBPROTOCOL, `token.${MASK}`)
    .replaceAll(QUERY, `$1${MASK}`);
}

const maskTexts = (texts: string): string => texts.replaceAll(new RegExp(TEXT, 'g'), `"${MASK}"`);
