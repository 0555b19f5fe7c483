// Functions of the expression language: name, least and most arguments, and
// whether it is itself a subject. The server is the judge; these are for typing.
export interface ExpressionFunction {
  name: string;
  least: number;
  most: number;
  alone: boolean;
}

const rows: readonly [name: string, least: number, most: number, alone?: 1][] = [
  ["allAttributes", 1, 1, 1], ["allDelineatedValues", 2, 2, 1], ["allMatchingAttributes", 1, 1, 1], ["and", 1, 1], ["anyAttribute", 1, 1, 1],
  ["anyDelineatedValue", 2, 2, 1], ["anyMatchingAttribute", 1, 1, 1], ["append", 1, 1], ["base64Decode", 0, 0], ["base64Encode", 0, 0],
  ["compactDelimitedList", 1, 1], ["contains", 1, 1], ["count", 0, 0], ["divide", 1, 1], ["endsWith", 1, 1], ["equals", 1, 1],
  ["equalsIgnoreCase", 1, 1], ["escapeCsv", 0, 0], ["escapeHtml3", 0, 0], ["escapeHtml4", 0, 0], ["escapeJson", 0, 0], ["escapeXml", 0, 0],
  ["evaluateELString", 0, 0], ["find", 1, 1], ["format", 1, 2], ["formatInstant", 2, 2], ["fromRadix", 1, 1], ["ge", 1, 1],
  ["getDelimitedField", 1, 5], ["gt", 1, 1], ["hash", 1, 1], ["ifElse", 2, 2], ["in", 1, 1], ["indexOf", 1, 1], ["isEmpty", 0, 0], ["isJson", 0, 0],
  ["isNull", 0, 0], ["isValidDate", 1, 2], ["isValidInstant", 0, 0], ["join", 1, 1], ["jsonPath", 1, 1], ["jsonPathAdd", 2, 2],
  ["jsonPathDelete", 1, 1], ["jsonPathPut", 3, 3], ["jsonPathSet", 2, 2], ["lastIndexOf", 1, 1], ["le", 1, 1], ["length", 0, 0],
  ["literal", 1, 1, 1], ["lt", 1, 1], ["matches", 1, 1], ["math", 1, 2, 1], ["minus", 1, 1], ["minusDuration", 1, 2], ["minusInstantDuration", 1, 1],
  ["mod", 1, 1], ["multiply", 1, 1], ["not", 0, 0], ["notNull", 0, 0], ["now", 0, 0, 1], ["or", 1, 1], ["padLeft", 1, 2], ["padRight", 1, 2],
  ["plus", 1, 1], ["plusDuration", 1, 2], ["plusInstantDuration", 1, 1], ["prepend", 1, 1], ["random", 0, 0, 1], ["repeat", 1, 2], ["replace", 2, 2],
  ["replaceAll", 2, 2], ["replaceByPattern", 1, 1], ["replaceEmpty", 1, 1], ["replaceFirst", 2, 2], ["replaceNull", 1, 1], ["startsWith", 1, 1],
  ["substring", 1, 2], ["substringAfter", 1, 1], ["substringAfterLast", 1, 1], ["substringBefore", 1, 1], ["substringBeforeLast", 1, 1],
  ["toDate", 0, 2], ["toDecimal", 0, 0], ["toInstant", 0, 2], ["toLower", 0, 0], ["toMicros", 0, 0], ["toNanos", 0, 0], ["toNumber", 0, 0],
  ["toRadix", 1, 2], ["toString", 0, 0], ["toUpper", 0, 0], ["trim", 0, 0], ["trimDelimitedList", 1, 1], ["unescapeCsv", 0, 0],
  ["unescapeHtml3", 0, 0], ["unescapeHtml4", 0, 0], ["unescapeJson", 0, 0], ["unescapeXml", 0, 0], ["unique", 1, 1], ["urlDecode", 0, 0],
  ["urlEncode", 0, 0], ["UUID", 0, 0, 1], ["UUID3", 1, 1], ["UUID5", 1, 1],
];

/** functions are those of the expression language. */
export const functions: readonly ExpressionFunction[] = rows.map(([name, least, most, alone]) => ({ name, least, most, alone: alone === 1 }));
