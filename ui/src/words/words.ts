/** Words is a text in English and Korean; messages are ICU. */
export type Words = readonly [en: string, ko: string];

/** words checks that each text of an area has both languages. */
export const words = <T extends Record<string, Words>>(area: T): T => area;
