// Slugs: the names that nodes, wires and groups have within a flow file.
const form = /^[a-z][a-z0-9]*([-_][a-z0-9]+)*$/;
const longest = 63;

/** isSlug tells whether a flow file takes the name. */
export const isSlug = (s: string): boolean => s.length <= longest && form.test(s);

/** slugOf makes a slug of a kind or a name: "WriteCSV" becomes "write-csv". */
export function slugOf(name: string, fallback = "node"): string {
  const words = name
    .replace(/([a-z0-9])([A-Z])/g, "$1-$2")
    .replace(/([A-Z]+)([A-Z][a-z])/g, "$1-$2")
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^[^a-z]+|-+$/g, "")
    .slice(0, longest)
    .replace(/-+$/, "");
  return isSlug(words) ? words : fallback;
}

/** freeSlug returns the wish, or the wish with the first number that is free. */
export function freeSlug(wish: string, taken: (slug: string) => boolean): string {
  if (!taken(wish)) return wish;
  for (let i = 2; ; i++) {
    const tail = `-${i}`;
    const slug = wish.slice(0, longest - tail.length).replace(/[-_]+$/, "") + tail;
    if (!taken(slug)) return slug;
  }
}

/** baseOf takes the number off a slug, so that a copy of "csv-2" asks for "csv". */
export const baseOf = (slug: string): string => slug.replace(/-\d+$/, "") || slug;
