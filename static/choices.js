/**
 * The reader's choices: theme and time zone. Parameters of the address override them without
 * changing them. Runs before the body exists, so that the first paint has the theme.
 */
{
  const { dataset } = document.documentElement;
  /** @type {import("../src/dashboard/words/scripts.ts").ScriptWords} */
  const words = JSON.parse(dataset.words ?? "{}");
  const themes = ["auto", "light", "dark"];
  const browserZone = Intl.DateTimeFormat().resolvedOptions().timeZone;

  try {
    const { theme, tz } = localStorage;
    if (dataset.theme === "auto" && themes.includes(theme)) dataset.theme = theme;
    if (tz && !dataset.tz && new Intl.DateTimeFormat("en", { timeZone: tz })) dataset.tz = tz;
  } catch {
    // There is no storage, or it holds a zone that this browser does not know.
  }
  dataset.tz ||= browserZone;

  /**
   * Stores a choice for this page and later ones.
   * @param {"theme" | "tz"} name @param {string} value "" = the zone of the browser
   */
  function choose(name, value) {
    dataset[name] = value || browserZone;
    dispatchEvent(new Event(`${name}change`));
    try {
      localStorage.setItem(name, value);
    } catch {
      // Without storage a choice lasts as long as the page.
    }
    const url = new URL(location.href);
    if (!url.searchParams.has(name)) return;
    // The address still has the old choice, and so do the links that the server rendered.
    if (value) url.searchParams.set(name, value);
    else url.searchParams.delete(name);
    location.replace(url);
  }

  function offerThemes() {
    const button = /** @type {HTMLElement} */ (document.getElementById("theme"));
    const show = () => {
      const text = /** @type {Element} */ (button.firstElementChild);
      const name = /** @type {keyof typeof words.themes} */ (dataset.theme);
      text.textContent = words.theme.replace("{}", words.themes[name]);
    };
    show();
    addEventListener("themechange", show);
    button.hidden = false;
    button.addEventListener("click", () => {
      const next = themes.indexOf(dataset.theme ?? "") + 1;
      choose("theme", themes[next % themes.length] ?? "auto");
    });
  }

  function offerZones() {
    const select = document.querySelector("#zone select");
    if (!(select instanceof HTMLSelectElement)) return;
    const { options } = select;
    // The server does not know the zone of the browser.
    Object.assign(options[0] ?? {}, { text: browserZone });
    /** @param {string} name */
    const add = (name) => {
      if (![...options].some(({ text }) => text === name)) options.add(new Option(name));
    };
    add(dataset.tz ?? "");
    select.value = dataset.tz === browserZone ? "" : (dataset.tz ?? "");
    const addAll = () => Intl.supportedValuesOf("timeZone").forEach(add);
    select.addEventListener("focus", addAll, { once: true });
    select.addEventListener("change", () => choose("tz", select.value));
  }

  document.addEventListener("DOMContentLoaded", offerThemes);
  document.addEventListener("DOMContentLoaded", offerZones);
}
