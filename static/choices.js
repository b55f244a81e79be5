/**
 * What a reader once chose: theme and time zone. What the address says goes before it, and changes
 * nothing that was chosen. Runs before the body is there, so that the first paint has the theme.
 */
{
  const root = document.documentElement;
  const themes = ["auto", "light", "dark"];
  const browserZone = Intl.DateTimeFormat().resolvedOptions().timeZone;

  /** Whether it is a zone that this browser knows. @param {string} timeZone */
  function isZone(timeZone) {
    try {
      return Boolean(Intl.DateTimeFormat("en", { timeZone }));
    } catch {
      return false;
    }
  }

  /** @param {"theme" | "tz"} name */
  function stored(name) {
    try {
      return localStorage.getItem(name) ?? "";
    } catch {
      return "";
    }
  }

  /**
   * Others hear of it by an event on the document.
   * @param {"theme" | "tz"} name @param {string} value
   */
  function apply(name, value) {
    root.dataset[name] = value || (name === "tz" ? browserZone : "auto");
    document.dispatchEvent(new Event(`${name}change`));
  }

  /** For this page and those to come. @param {"theme" | "tz"} name @param {string} value */
  function choose(name, value) {
    try {
      localStorage.setItem(name, value);
    } catch {
      // Without storage the choice lasts as long as the page.
    }
    const url = new URL(location.href);
    if (!url.searchParams.has(name)) return apply(name, value);
    // The address says something else, and so do the links that the server made from it.
    if (value) url.searchParams.set(name, value);
    else url.searchParams.delete(name);
    location.replace(url);
  }

  function offerThemes() {
    const button = /** @type {HTMLElement} */ (document.getElementById("theme"));
    const current = () => root.dataset.theme ?? "auto";
    const label = () => {
      const text = button.querySelector("span");
      if (text) text.textContent = `Theme: ${current()}`;
    };
    button.hidden = false;
    label();
    document.addEventListener("themechange", label);
    button.addEventListener("click", () => {
      choose("theme", themes[(themes.indexOf(current()) + 1) % themes.length] ?? "auto");
    });
  }

  function offerZones() {
    const select = document.querySelector("#zone select");
    if (!(select instanceof HTMLSelectElement)) return;
    const names = () => Array.from(select.options, ({ value }) => value);
    /** @param {string} name */
    const add = (name) => names().includes(name) || select.add(new Option(name));
    // Without scripts the server cannot know it.
    Object.assign(select.options[0] ?? {}, { text: browserZone });
    const chosen = root.dataset.tz ?? "";
    if (chosen !== browserZone) add(chosen);
    select.value = chosen === browserZone ? "" : chosen;
    const addAll = () => Intl.supportedValuesOf("timeZone").forEach(add);
    select.addEventListener("focus", addAll, { once: true });
    select.addEventListener("change", () => choose("tz", select.value));
  }

  const theme = stored("theme");
  if (root.dataset.theme === "auto" && themes.includes(theme)) root.dataset.theme = theme;
  const tz = stored("tz");
  root.dataset.tz ||= isZone(tz) ? tz : browserZone;
  document.addEventListener("DOMContentLoaded", () => {
    offerThemes();
    offerZones();
  });
}
