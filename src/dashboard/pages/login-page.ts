/** The page on which people log in: a form, which needs no script. */

import { html } from "hono/html";
import type { Html, Site } from "../look/site.ts";
import type { AssetPaths } from "./assets.ts";
import { head } from "./layout.ts";

/** `next`: the address that leads on. `problem`: why the last try failed. */
export function loginPage(of: {
  site: Site;
  assets: AssetPaths;
  next: string;
  name?: string;
  problem?: string;
}): Html {
  const { site, assets, next, name = "", problem } = of;
  return html`<!doctype html>
    <html lang="en" data-theme="auto">
      <head>${head(assets, "Log in – Salesboard")}</head>
      <body>
        <main class="error">
          <h1>Salesboard</h1>
          ${problem ? html`<p class="notice" role="alert">${problem}</p>` : ""}
          <form class="login" method="post" action="${site.base}/login">
            <input type="hidden" name="next" value="${next}">
            <label>Name <input name="name" value="${name}" autocomplete="username"
              autocapitalize="none" spellcheck="false" required ${name ? "" : "autofocus"}></label>
            <label>Password <input name="password" type="password" autocomplete="current-password"
              required ${name ? "autofocus" : ""}></label>
            <button>Log in</button>
          </form>
        </main>
      </body>
    </html>`;
}
