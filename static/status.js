/** On every page: shows whether the numbers are live, and as of when. */
{
  /** The numbers are stale after this time without a heartbeat. The server sends one a second. */
  const silenceMsMax = 7_000;
  /** Older numbers are delayed. They are a second or two old when all is well. */
  const ageMsMax = 5_000;
  /** A page that takes its messages so late begins anew with what is true now. */
  const lateMsMax = 4_000;
  /** By this share of the time, two machines' clocks drift apart at most. */
  const drift = 1e-4;
  /** A younger page does not reload for another version, in case two versions take turns. */
  const renewalMsMin = 60_000;

  const root = document.documentElement;
  const { locale, build } = root.dataset;
  /** @type {import("../src/dashboard/words/scripts.ts").ScriptWords} */
  const words = JSON.parse(root.dataset.words ?? "{}");
  const names = words.states;
  /** @param {string} id */
  const element = (id) => /** @type {HTMLElement} */ (document.getElementById(id));
  const asOfTime = /** @type {HTMLTimeElement} */ (element("asof"));

  /** @type {keyof typeof names} */
  let state = "connecting";
  /** The time of the server's numbers, epoch milliseconds. @type {number | null} */
  let asOf = asOfTime.dateTime ? Date.parse(asOfTime.dateTime) : null;
  let beatAt = performance.now();
  /** The age of the numbers at the last heartbeat, by the server's clock. */
  let ageMs = 0;
  /** This clock less the server's, when a heartbeat did not wait to be taken. */
  let promptMs = Number.POSITIVE_INFINITY;
  /** Sales in the last totals. @type {bigint | null} */
  let sales = null;
  let isNewStream = true;
  let isRenewing = false;
  /** @typedef {(time: number) => string} Format @type {Format} */
  let clock;
  /** @type {Format} */
  let calendar;
  /** The zones whose clocks were compared last, and in which hour. */
  let compared = "";
  const relative = new Intl.RelativeTimeFormat(locale, {
    style: /^(fr|de)/.test(locale ?? "") ? "short" : "narrow",
  });

  function readZone() {
    const timeZone = root.dataset.tz;
    clock = new Intl.DateTimeFormat(locale, { timeStyle: "medium", timeZone }).format;
    calendar = new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeZone }).format;
    show();
  }

  /** @param {number} time */
  function timeText(time) {
    const day = calendar(time);
    return day === calendar(Date.now()) ? clock(time) : `${day}, ${clock(time)}`;
  }

  /** "12s ago", by the server's clock. As `agoText` of format.ts. @param {number} time */
  function agoText(time) {
    const seconds = Math.max(0, Math.floor(((asOf ?? time) + age() - time) / 1000));
    const units = /** @type {const} */ ({ day: 86_400, hour: 3_600, minute: 60, second: 1 });
    const all = /** @type {[keyof typeof units, number][]} */ (Object.entries(units));
    const [unit, size] = all.find(([, size]) => seconds >= size) ?? ["second", 1];
    return relative.format(-Math.floor(seconds / size), unit);
  }

  /** Converts times from UTC to the reader's zone. */
  function localizeTimes() {
    for (const time of document.querySelectorAll("time")) {
      if (!time.dateTime) continue;
      const at = Date.parse(time.dateTime);
      setText(time, time.classList.contains("ago") ? agoText(at) : timeText(at));
    }
    nameDayZone();
  }

  /** Hides the zone of days where the reader's clocks show the same now. */
  function nameDayZone() {
    const zones = [document.getElementById("day-zone")?.textContent ?? "", root.dataset.tz];
    const key = [...zones, Math.floor(Date.now() / 3_600_000)].join();
    if (key === compared) return;
    compared = key;
    const [ofDays, own] = zones.map(offsetNow);
    root.classList.toggle("same-clock", ofDays === own);
  }

  /** "GMT+01:00"; empty if this browser does not know the zone. @param {string | undefined} timeZone */
  function offsetNow(timeZone) {
    try {
      const format = new Intl.DateTimeFormat("en", { timeZone, timeZoneName: "longOffset" });
      return format.formatToParts().find(({ type }) => type === "timeZoneName")?.value;
    } catch {
      return "";
    }
  }

  /**
   * Writes only changes, because observers watch the text.
   * @param {Element | null} target @param {string} text
   */
  function setText(target, text) {
    if (target && target.textContent !== text) target.textContent = text;
  }

  function show() {
    const { paused } = root.dataset;
    // A new page is about to be live; one that has shown numbers is reconnecting.
    const isFresh = state === "live" || state === "delayed" || (state === "connecting" && !sales);
    const isOld = asOf !== null && !isFresh;
    root.classList.toggle("not-live", isOld);
    const seconds = String(Math.round(age() / 1000));
    let more = state === "delayed" ? words.delayedBy.replace("{}", seconds) : "";
    if (isOld) {
      const form = names[state] === names.stale ? words.since : words.asOf;
      more = form.replace("{}", timeText(asOf ?? 0));
    }
    if (paused !== undefined) {
      const form = paused === "1" ? words.updateWaits : words.updatesWait;
      const held = form.replace("{}", Number(paused).toLocaleString(locale));
      more = ` · ${held}${state === "live" ? "" : ` · ${names[state]}${more}`}`;
    }
    const [name, detail] = element("state").children;
    // Screen readers announce only the name, because changing numbers would be chatter.
    setText(name ?? null, paused === undefined ? names[state] : words.paused);
    setText(detail ?? null, more);
    element("state").dataset.state = paused === undefined ? state : "paused";
    // A paused page shows the numbers of the moment of the pause.
    if (asOf !== null && paused === undefined) asOfTime.dateTime = new Date(asOf).toISOString();
    localizeTimes();
  }

  /** @param {keyof typeof names} next */
  function enter(next) {
    state = next;
    show();
  }

  /** Asks the browser only after a failure, because an offline browser can reach this machine. */
  const lose = () => enter(navigator.onLine ? "reconnecting" : "offline");

  /** The age of the numbers, milliseconds. */
  const age = () => ageMs + performance.now() - beatAt;

  /** @typedef {{t: number, state: string, asOf: number?, sales: string?, build: string}} Beat */
  /** @param {Beat} beat */
  function takeBeat(beat) {
    const now = performance.now();
    promptMs = Math.min(promptMs + (now - beatAt) * drift, now - beat.t);
    const lateMs = now - beat.t - promptMs;
    beatAt = now;
    ageMs = beat.asOf === null ? 0 : beat.t - beat.asOf + lateMs;
    asOf = beat.asOf ?? asOf;
    const known = beat.state in names ? /** @type {keyof typeof names} */ (beat.state) : "live";
    enter(known === "live" && ageMs > ageMsMax ? "delayed" : known);
    if (beat.sales !== null) compare(BigInt(beat.sales));
    if (beat.build !== build) void renew();
    if (lateMs > lateMsMax) dispatchEvent(new Event("restart"));
  }

  /** A silent stream is first delayed, then stale. */
  function checkSilence() {
    const isOpen = ["live", "delayed", "restoring"].includes(state);
    if (isOpen && performance.now() - beatAt > silenceMsMax) enter("stale");
    else if (state === "live" && age() > ageMsMax) enter("delayed");
  }

  /**
   * Detects totals that went down while the stream was away. A server that started after a restore
   * does not know what this page has shown.
   * @param {bigint} next
   */
  function compare(next) {
    if (isNewStream && sales !== null && next < sales) {
      const time = /** @type {HTMLTimeElement} */ (element("lowered").querySelector("time"));
      time.dateTime = new Date().toISOString();
      element("lowered").hidden = false;
    }
    isNewStream = false;
    sales = next;
  }

  /** The server has another version: reloads the page, unless somebody is using it. */
  async function renew() {
    const isInUse = document.querySelector("dialog[open], :is(input, select, textarea):focus");
    const isPaused = root.dataset.paused !== undefined;
    if (isInUse || isPaused || isRenewing || performance.now() < renewalMsMin) return;
    isRenewing = true;
    // An error page of a proxy must not replace this page.
    const { ok } = await fetch(location.href).catch(() => ({ ok: false }));
    if (ok) location.reload();
    isRenewing = false;
  }

  /** @param {string} name @param {(detail: any) => void} act */
  const on = (name, act) =>
    addEventListener(name, (event) => act(/** @type {CustomEvent} */ (event).detail));

  on("htmx:sse:before:message", ({ message }) => {
    if (message.event === "hb") takeBeat(JSON.parse(message.data));
  });
  for (const name of ["htmx:sse:error", "htmx:error", "offline"]) {
    on(name, lose);
  }
  on("htmx:sse:close", ({ reason }) => {
    if (reason === "message") lose();
  });
  // A stream that ends silently, because the server was killed, shows when it reconnects.
  on("htmx:sse:before:connection", ({ connection }) => {
    if (connection.attempt > 0) lose();
    isNewStream = true;
    promptMs = Number.POSITIVE_INFINITY;
  });
  on("tzchange", readZone);
  on("pausechange", show);
  readZone();
  setInterval(checkSilence, 1_000);
  const all = { childList: true, subtree: true, characterData: true };
  new MutationObserver(localizeTimes).observe(document.body, all);
}
