/** The gallery shows what it claims: developers and the pictures of the documents rely on it. */

import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { waitFor } from "../support/wait.ts";
import { pictures } from "./pictures.ts";
import { type Gallery, openGallery } from "./server.ts";
import { states } from "./states.ts";

/** Beside other work, a machine of two cores takes longer than the five seconds of a hook. */
const START_MS_MAX = 300_000;

let gallery: Gallery;
beforeAll(async () => {
  gallery = await openGallery({ port: 0 });
}, START_MS_MAX);
afterAll(() => gallery.stop());

test("the first page leads to every state", async () => {
  const text = await (await fetch(gallery.url)).text();
  for (const { name } of states) expect(text).toContain(`href="/${name}/graph"`);
});

test("pictures of the documents are those that npm run screenshots takes", () => {
  const docs = fileURLToPath(new URL("../../docs", import.meta.url));
  const found = readdirSync(docs).filter((name) => name.endsWith(".png"));
  expect(found.sort()).toEqual(pictures.map(({ name }) => `${name}.png`).sort());
});

describe("the gallery", () => {
  for (const { name, says, pages = [] } of states) {
    test(`shows the state "${name}" on its pages`, async () => {
      for (const path of ["", "graph", "rejected", ...pages.map(([path]) => path)]) {
        expect((await fetch(`${gallery.url}${name}/${path}`)).status).toBe(200);
      }
      // A board is published in turn, and alerts are evaluated once a second.
      await waitFor(async () => says.test(await (await fetch(`${gallery.url}${name}/`)).text()), {
        what: `the page to say ${says}`,
      });
    });
  }
});
