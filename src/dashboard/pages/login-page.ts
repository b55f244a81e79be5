/** The page on which people log in: a form, which needs no script. */

import { html } from "hono/html";
import type { Look } from "../look/look.ts";
import type { Html, Site } from "../look/site.ts";
import { languageOf, wordsFor } from "../words/words.ts";
import type { AssetPaths } from "./assets.ts";
import { head } from "./layout.ts";

/** `next`: the address that leads on. `problem`: why the last try failed. */
export function loginPage(of: {
  site: Site;
  assets: AssetPaths;
  look: Pick<Look, "locale" | "theme">;
  next: string;
  name?: string | undefined;
  problem?: string | undefined;
}): Html {
  const { site, assets, look, next, name = "", problem } = of;
  const words = wordsFor(look.locale);
  return html`<!doctype html>
    <html lang="${languageOf(look.locale)}" data-theme="${look.theme}">
      <head>${head(assets, `${words.logIn} – ${site.title}`)}</head>
      <body>
        <main class="error">
          <h1 translate="no">${site.title}</h1>
          ${problem ? html`<p class="notice" role="alert">${problem}</p>` : ""}
          <form class="login" method="post" action="${site.base}/login">
            <input type="hidden" name="next" value="${next}">
            <label>${words.userName} <input class="field" name="name" value="${name}" autocomplete="username"
              autocapitalize="none" spellcheck="false" required ${name ? "" : "autofocus"}></label>
            <label>${words.password} <input class="field" name="password" type="password"
              autocomplete="current-password" required ${name ? "autofocus" : ""}></label>
            <button>${words.logIn}</button>
          </form>
        </main>
      </body>
    </html>`;
}
