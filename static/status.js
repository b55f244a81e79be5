/** On every page: whether the numbers are live, and until when they hold. */
{
  /** Without a heartbeat for longer, the numbers are stale; the server sends one each second. */
  const silenceMsMax = 7_000;
  /** Numbers are a second or two old when all is well; older ones are said to be late. */
  const ageMsMax = 5_000;
  /** A younger page is not replaced by a newer server's, should two versions take turns. */
  const renewalMsMin = 60_000;
  const names = {
    connecting: "Connecting",
    restoring: "Catching up",
    live: "Live",
    delayed: "Delayed",
    stale: "Stale",
    behind: "Stale",
    reconnecting: "Reconnecting",
    offline: "Offline",
  };

  const root = document.documentElement;
  const { locale, build } = root.dataset;
  /** @param {string} id */
  const element = (id) => /** @type {HTMLElement} */ (document.getElementById(id));
  const asOfTime = /** @type {HTMLTimeElement} */ (element("asof"));

  /** @type {keyof typeof names} */
  let state = "connecting";
  /** Until when the numbers of the server hold, epoch milliseconds. @type {number | null} */
  let asOf = asOfTime.dateTime ? Date.parse(asOfTime.dateTime) : null;
  let beatAt = performance.now();
  /** How old the numbers were at the last heartbeat, by the server's clock. */
  let ageMs = 0;
  /** In the totals when they last came. @type {bigint | null} */
  let sales = null;
  let isNewStream = true;
  let isRenewing = false;
  /** @typedef {(time: number) => string} Format @type {Format} */
  let clock;
  /** @type {Format} */
  let calendar;

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

  /** Times come in UTC, and are read in the reader's own zone. */
  function localizeTimes() {
    for (const time of document.querySelectorAll("time")) {
      if (time.dateTime) setText(time, timeText(Date.parse(time.dateTime)));
    }
  }

  /** Only when it changes: others watch. @param {Element | null} target @param {string} text */
  function setText(target, text) {
    if (target && target.textContent !== text) target.textContent = text;
  }

  function show() {
    const { paused } = root.dataset;
    // A page that was just opened is about to be live; one that has shown numbers is not.
    const isFresh = state === "live" || state === "delayed" || (state === "connecting" && !sales);
    const isOld = asOf !== null && !isFresh;
    root.classList.toggle("not-live", isOld);
    let more = state === "delayed" ? ` by ${Math.round(age() / 1000)} s` : "";
    if (isOld) more = `${names[state] === "Stale" ? " since" : ", as of"} ${timeText(asOf ?? 0)}`;
    if (paused !== undefined) {
      const held = `${Number(paused).toLocaleString(locale)} update${paused === "1" ? "" : "s"}`;
      more = ` · ${held} held back${state === "live" ? "" : ` · ${names[state]}${more}`}`;
    }
    const [name, detail] = element("state").children;
    // Screen readers are told the name alone: numbers that change all the time would be chatter.
    setText(name ?? null, paused === undefined ? names[state] : "Paused");
    setText(detail ?? null, more);
    element("state").dataset.state = paused === undefined ? state : "paused";
    // The numbers of a paused page are those of the moment at which it was paused.
    if (asOf !== null && paused === undefined) asOfTime.dateTime = new Date(asOf).toISOString();
    localizeTimes();
  }

  /** @param {keyof typeof names} next */
  function enter(next) {
    state = next;
    show();
  }

  /** A browser may say that it is offline, and still reach this machine: only then it is asked. */
  const lose = () => enter(navigator.onLine ? "reconnecting" : "offline");

  /** Of the numbers, in milliseconds. */
  const age = () => ageMs + performance.now() - beatAt;

  /** @typedef {{t: number, state: string, asOf: number?, sales: string?, build: string}} Beat */
  /** @param {Beat} beat */
  function takeBeat(beat) {
    beatAt = performance.now();
    ageMs = beat.asOf === null ? 0 : beat.t - beat.asOf;
    asOf = beat.asOf ?? asOf;
    const known = beat.state in names ? /** @type {keyof typeof names} */ (beat.state) : "live";
    enter(known === "live" && ageMs > ageMsMax ? "delayed" : known);
    if (beat.sales !== null) compare(BigInt(beat.sales));
    if (beat.build !== build) void renew();
  }

  /** A stream that says nothing is late at first, and stale then. */
  function checkSilence() {
    const isOpen = ["live", "delayed", "restoring"].includes(state);
    if (isOpen && performance.now() - beatAt > silenceMsMax) enter("stale");
    else if (state === "live" && age() > ageMsMax) enter("delayed");
  }

  /**
   * A server says itself when its totals go down; but one that was started after a restore knows
   * nothing of what this page has shown.
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

  /** The server is of another version: its page replaces this one, while nobody uses it. */
  async function renew() {
    const isInUse = document.querySelector("dialog[open], :is(input, select, textarea):focus");
    const isPaused = root.dataset.paused !== undefined;
    if (isInUse || isPaused || isRenewing || performance.now() < renewalMsMin) return;
    isRenewing = true;
    // A proxy that has no answer just now must not take its place.
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
  // A stream that ends without a word (the server was killed) shows when it is opened again.
  on("htmx:sse:before:connection", ({ connection }) => {
    if (connection.attempt > 0) lose();
    isNewStream = true;
  });
  on("tzchange", readZone);
  on("pausechange", show);
  readZone();
  setInterval(checkSilence, 1_000);
  const all = { childList: true, subtree: true, characterData: true };
  new MutationObserver(localizeTimes).observe(document.body, all);
}
