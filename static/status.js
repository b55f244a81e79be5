/** On every page: whether the numbers are live, until when they hold, and what changed. */
{
  /** Without a heartbeat for longer, the numbers are stale; the server sends one each second. */
  const silenceMsMax = 7_000;
  /** Numbers are a second or two old when all is well; older ones are said to be late. */
  const ageMsMax = 5_000;
  /** A newer server's page replaces this one at most so often, should two versions take turns. */
  const renewalMsMin = 5 * 60_000;
  /** Cells that change together and still flash one by one; more would be a flicker. */
  const flashesMax = 40;
  /**
   * A cell flashes only after it has rested: what always changes needs no hint, and animations that
   * never end would keep the browser painting, sixty times a second instead of ten.
   */
  const restMs = 2_000;
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
  /** @type {Intl.DateTimeFormat} */
  let clock;
  /** @type {Intl.DateTimeFormat} */
  let calendar;

  function readZone() {
    const timeZone = root.dataset.tz;
    clock = new Intl.DateTimeFormat(locale, { timeStyle: "medium", timeZone });
    calendar = new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeZone });
    show();
  }

  /** @param {number} time */
  function timeText(time) {
    const day = calendar.format(time);
    const text = clock.format(time);
    return day === calendar.format(Date.now()) ? text : `${day}, ${text}`;
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
    const isOld =
      asOf !== null &&
      !["live", "delayed"].includes(state) &&
      (state !== "connecting" || sales !== null);
    let more = "";
    if (state === "delayed") more = ` by ${Math.round(age() / 1000)} s`;
    else if (isOld)
      more = `${names[state] === "Stale" ? " since" : ", as of"} ${timeText(asOf ?? 0)}`;
    root.classList.toggle("not-live", isOld);
    if (paused !== undefined) {
      const rest = state === "live" ? "" : ` · ${names[state]}${more}`;
      const updates = `update${paused === "1" ? "" : "s"} held back`;
      more = ` · ${Number(paused).toLocaleString(locale)} ${updates}${rest}`;
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
    state = navigator.onLine ? next : "offline";
    show();
  }

  /** Of the numbers, in milliseconds. */
  function age() {
    return ageMs + performance.now() - beatAt;
  }

  /** @typedef {{t: number, state: string, asOf: number?, sales: string?, build: string}} Beat */
  /** @param {Beat} beat */
  function takeBeat(beat) {
    beatAt = performance.now();
    ageMs = beat.asOf === null ? 0 : beat.t - beat.asOf;
    asOf = beat.asOf ?? asOf;
    const known = beat.state in names ? /** @type {keyof typeof names} */ (beat.state) : "live";
    enter(known === "live" && ageMs > ageMsMax ? "delayed" : known);
    if (beat.sales !== null) compare(BigInt(beat.sales));
    if (beat.build !== build) renew();
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
      const dateTime = new Date().toISOString();
      const time = Object.assign(document.createElement("time"), { dateTime });
      const line = Object.assign(document.createElement("p"), { className: "notice" });
      line.append("Totals went down while this page was not connected, before ", time, ".");
      element("lowered").replaceChildren(line);
    }
    isNewStream = false;
    sales = next;
  }

  /** The server is of another version: its page replaces this one, while nobody uses it. */
  function renew() {
    const isInUse = document.querySelector("dialog[open], :is(input, select, textarea):focus");
    if (isInUse || root.dataset.paused !== undefined) return;
    try {
      if (Date.now() - Number(sessionStorage.getItem("renewed")) < renewalMsMin) return;
      sessionStorage.setItem("renewed", String(Date.now()));
      location.reload();
    } catch {
      // Without storage a circle would go unnoticed; this page still works.
    }
  }

  function followStream() {
    addEventListener("htmx:sse:before:message", (event) => {
      const { message } = /** @type {CustomEvent} */ (event).detail;
      if (message.event === "hb") takeBeat(JSON.parse(message.data));
    });
    for (const name of ["htmx:sse:error", "htmx:sse:close", "htmx:error", "offline"]) {
      addEventListener(name, () => enter("reconnecting"));
    }
    // A stream that ends without a word (the server was killed) shows when it is opened again; one
    // that is opened again at once belongs to a pause that ends.
    addEventListener("htmx:sse:before:connection", (event) => {
      const { attempt, config } = /** @type {CustomEvent} */ (event).detail.connection;
      if (attempt > 0 && config.reconnectDelay > 0) enter("reconnecting");
      isNewStream = true;
    });
    setInterval(checkSilence, 1_000);
  }

  function flashChanges() {
    const rows = document.getElementById("rows");
    if (!rows) return;
    const calm = matchMedia("(prefers-reduced-motion: reduce)");
    /** @type {WeakMap<Element, number>} */
    const changedAt = new WeakMap();
    new MutationObserver((changes) => {
      const now = performance.now();
      const cells = new Set(
        changes.flatMap(({ target }) => target.parentElement?.closest("td.money") ?? []),
      );
      for (const cell of cells) {
        if (now - (changedAt.get(cell) ?? -restMs) < restMs) cells.delete(cell);
        changedAt.set(cell, now);
      }
      if (calm.matches || cells.size > flashesMax) return;
      for (const cell of cells) {
        cell.animate([{ color: "var(--accent)" }, {}], { duration: 1_200, easing: "ease-out" });
      }
    }).observe(rows, { characterData: true, subtree: true });
  }

  readZone();
  followStream();
  flashChanges();
  document.addEventListener("tzchange", readZone);
  document.addEventListener("pausechange", show);
  for (const region of [element("alerts"), element("main")]) {
    new MutationObserver(localizeTimes).observe(region, {
      childList: true,
      subtree: true,
      characterData: true,
    });
  }
}
