// @vitest-environment node
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import openapiTS, { astToString, COMMENT_HEADER } from "openapi-typescript";
import { expect, test } from "vitest";

const description = join(import.meta.dirname, "../../../web/openapi.json");

test("schema.ts is what the API's description says", async () => {
  const types = COMMENT_HEADER + astToString(await openapiTS(pathToFileURL(description), { arrayLength: true }));
  const kept = readFileSync(join(import.meta.dirname, "schema.ts"), "utf8");
  expect(kept === types, "ui/src/api/schema.ts is not what web/openapi.json says; npm run types writes it").toBe(true);
}, 60_000);
