import { expect, test } from "vitest";
import { readQuery, search } from "./search";
import { sample } from "./testing/flow";

const ids = (text: string, facts = {}) => search(sample(), readQuery(text), facts).map((f) => f.id);

test("nodes are found by name, slug, kind, settings and parameters", () => {
  expect(ids("사용")[0]).toBe("users");
  expect(ids("cle")[0]).toBe("clean");
  expect(ids("writecsv")[0]).toBe("csv");
  expect(ids("csv")[0]).toBe("csv");
  expect(search(sample(), readQuery("strict"))[0]).toMatchObject({ id: "clean", why: "mode" });
  expect(ids("#{day}")).toEqual(["csv"]);
  expect(ids("메모")).toEqual(["label:note"]);
  expect(ids("nothing of this")).toEqual([]);
  expect(ids("  ")).toEqual([]);
});

test("filters narrow, and join words", () => {
  expect(ids("kind:read")).toEqual(["events", "users"]);
  expect(ids("kind:read eve")).toEqual(["events"]);
  expect(ids("uses:day")).toEqual(["csv"]);
  expect(ids("uses:cloud")).toEqual(["csv"]);
  expect(ids("is:running", { stateOf: (n: string) => (n === "join" ? 1 : 0) })).toEqual(["join"]);
  expect(ids("is:invalid", { problems: [{ code: "x", path: "nodes.csv.settings.path" }, { code: "y", path: "connections.join-csv" }] })).toEqual(["csv", "wire:join-csv"]);
  expect(ids("type:wire clean")).toHaveLength(2);
  expect(readQuery("is: http://x").filters).toEqual([]);
  expect(readQuery("http://x").words).toEqual(["http://x"]);
});
