/** What programs read to know what they may ask. */

import type { Access } from "../access/access.ts";
import { asyncapi } from "../api/asyncapi.ts";
import { openapi } from "../api/openapi.ts";
import type { Site } from "../look/site.ts";
import { JSON_TYPE } from "./answers.ts";
import { conditional } from "./conditional.ts";
import type { Get } from "./probes.ts";

export interface DescriptionsDeps {
  readonly site: Site;
  readonly access: Access | undefined;
  readonly hasMetrics: boolean;
}

/** `/openapi.json` and `/asyncapi.json`, made when somebody asks. */
export function addDescriptions(get: Get, { site, access, hasMetrics }: DescriptionsDeps): void {
  const [hasLogin, hasForm] = [access !== undefined, access?.hasUsers === true];
  const describe = (path: string, make: () => string) => {
    let body: string | undefined;
    get([path], (c) => {
      body ??= make();
      return conditional(c, { body, type: JSON_TYPE, isMasked: false });
    });
  };
  const boards = site.boards.map(({ name }) => name);
  const settings = { base: site.base, boards, hasLogin, hasForm, hasMetrics };
  describe("/openapi.json", () => openapi(settings));
  describe("/asyncapi.json", () => asyncapi(site));
}
