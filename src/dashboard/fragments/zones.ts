/** The choice of a time zone. */

import { html } from "hono/html";
import { type Look, queryOf } from "../look/look.ts";
import type { Html } from "../look/site.ts";
import { wordsFor } from "../words/words.ts";

/** The zones to choose from. A browser adds those that it knows when the list is opened. */
const zones = [
  ..."UTC America/Los_Angeles America/Denver America/Chicago America/New_York".split(" "),
  ..."America/Sao_Paulo Europe/London Europe/Paris Europe/Berlin Europe/Helsinki".split(" "),
  ..."Africa/Lagos Africa/Johannesburg Asia/Dubai Asia/Kolkata Asia/Singapore".split(" "),
  ..."Asia/Shanghai Asia/Tokyo Australia/Sydney Pacific/Auckland".split(" "),
];

/** The zone of the server, which is often the zone of the shop. */
const own = new Intl.DateTimeFormat().resolvedOptions().timeZone;

/** Works without scripts. Scripts remove the button and remember the choice. */
export function zoneForm(look: Look): Html {
  const names = new Set([...(look.tz ? [look.tz] : []), ...zones.slice(0, 1), own, ...zones]);
  const option = (name: string) =>
    html`<option ${name === look.tz ? html`selected` : ""}>${name}</option>`;
  const words = wordsFor(look.locale);
  return html`<form id="zone">${fieldsOf(look, { tz: undefined, by: undefined })}
    <select name="tz" aria-label="${words.timeZone}" translate="no"><option value="">${words.defaultZone}</option>
      ${[...names].map(option)}</select>
    <noscript><button>${words.show}</button></noscript></form>`;
}

/** Hidden fields that keep the rest of the look when a form is sent. */
export function fieldsOf(...look: Parameters<typeof queryOf>): Html {
  const fields = [...new URLSearchParams(queryOf(...look))];
  return html`${fields.map(
    ([name, value]) => html`<input type="hidden" name="${name}" value="${value}">`,
  )}`;
}
