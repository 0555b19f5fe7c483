import { allWords, type Key, t } from "../words";

/** stepName says what a step is called: labels that are keys of words are put in the language of the pages. */
export const stepName = (label: string): string => (Object.hasOwn(allWords, label) ? t(label as Key) : label);
