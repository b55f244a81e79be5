/** Formats numbers for the reader's locale, to the last digit. */

import { formatAmount, formatQuantity, type Micros } from "../../domain/money.ts";

/**
 * The locales for numbers. The list is a bound: each locale in use costs another encoding of each
 * frame, so an invented `Accept-Language` must not add one.
 */
export const locales = [
  ..."en en-AU en-CA en-GB en-IN en-IE en-NZ en-ZA cs da de de-AT de-CH el es es-MX et fi fr".split(
    " ",
  ),
  ..."fr-CA fr-CH he hr hu id it it-CH ja ko lt lv nb nl nl-BE pl pt pt-PT ro ru sk sl sv".split(
    " ",
  ),
  ..."th tr uk vi zh zh-TW".split(" "),
] as const;

const localesByName = new Map(locales.map((locale) => [locale.toLowerCase(), locale]));
/** Languages read from a header. No browser sends more. */
const WISHES_MAX = 20;

/** The best of `locales` for an `Accept-Language` header; "en" if none matches. */
export function chooseLocale(acceptLanguage: string | undefined): string {
  const wishes = (acceptLanguage ?? "")
    .split(",", WISHES_MAX)
    .map((wish) => {
      const [tag = "", quality = "q=1"] = wish
        .toLowerCase()
        .split(";")
        .map((part) => part.trim());
      return { tag, quality: Number(/^q=(.+)$/.exec(quality)?.[1] ?? 0) };
    })
    .filter(({ quality }) => quality > 0)
    .sort((a, b) => b.quality - a.quality);
  for (const { tag } of wishes) {
    const language = tag.split("-")[0] ?? "";
    const locale = localesByName.get(tag) ?? localesByName.get(language === "no" ? "nb" : language);
    if (locale) return locale;
  }
  return "en";
}

export interface Formatter {
  /** Never rounds: shows the currency's decimals, and up to six if there are more. */
  money(micros: Micros): string;
  /** For amounts that are rounded anyway, such as averages. */
  roundMoney(micros: Micros): string;
  count(value: bigint | number): string;
  /** Every decimal of a quantity in millionths. */
  quantity(micros: Micros): string;
  /** One decimal. */
  rate(value: number): string;
  percent(permille: number): string;
  wholePercent(percent: bigint): string;
}

const formats = new Map<string, Formatter>();

/** The text in place of a masked amount. */
const masked = "•••";

/**
 * The formatter for a locale and currency. With `isMasked` all amounts look the same; quantities
 * and shares stay visible. Bounded: two for each locale, because a process has one currency.
 */
export function formatFor(locale: string, currency: string, isMasked = false): Formatter {
  const key = `${locale} ${currency} ${isMasked}`;
  const known = formats.get(key);
  if (known) return known;
  const style = { style: "currency", currency, currencyDisplay: "narrowSymbol" } as const;
  const exact = new Intl.NumberFormat(locale, { ...style, maximumFractionDigits: 6 });
  const round = new Intl.NumberFormat(locale, style);
  const whole = new Intl.NumberFormat(locale);
  const decimals = new Intl.NumberFormat(locale, { maximumFractionDigits: 6 });
  const tenths = { minimumFractionDigits: 1, maximumFractionDigits: 1 };
  const rate = new Intl.NumberFormat(locale, tenths);
  const percent = new Intl.NumberFormat(locale, { style: "percent", ...tenths });
  const wholePercent = new Intl.NumberFormat(locale, { style: "percent" });
  const format: Formatter = {
    // Intl formats every digit of a string, but only 15 of a number.
    money: (micros) =>
      isMasked ? masked : exact.format(formatAmount(micros) as Intl.StringNumericLiteral),
    roundMoney: (micros) =>
      isMasked ? masked : round.format(formatAmount(micros) as Intl.StringNumericLiteral),
    count: (value) => whole.format(value),
    quantity: (micros) => decimals.format(formatQuantity(micros) as Intl.StringNumericLiteral),
    rate: (value) => rate.format(value),
    percent: (permille) => percent.format(permille / 1000),
    wholePercent: (percent) => wholePercent.format(Number(percent) / 100),
  };
  formats.set(key, format);
  return format;
}

/** By locale. */
const relative = new Map<string, Intl.RelativeTimeFormat>();

/** "12s ago"; from a minute on in minutes, hours or days, cut. `static/status.js` writes the same. */
export function agoText(seconds: number, locale: string): string {
  // The narrow style of French is "-12 s", and a minute of German "vor 1 m".
  const style = /^(fr|de)/.test(locale) ? "short" : "narrow";
  const format = relative.get(locale) ?? new Intl.RelativeTimeFormat(locale, { style });
  relative.set(locale, format);
  const units = [
    ["day", 86_400],
    ["hour", 3_600],
    ["minute", 60],
    ["second", 1],
  ] as const;
  const [unit, size] = units.find(([, size]) => seconds >= size) ?? (["second", 1] as const);
  return format.format(-Math.floor(seconds / size), unit);
}

/**
 * `part` of `whole`, rounded to thousandths. From 0 to 1 000: returns can make a part negative, or
 * larger than the whole.
 */
export function permilleOf(part: bigint, whole: bigint): number {
  if (whole <= 0n || part <= 0n) return 0;
  return part >= whole ? 1_000 : Number((part * 2000n + whole) / (whole * 2n));
}

/**
 * "17:42:06 Europe/Vienna", preceded by the date unless it is today in that zone. The order is that
 * of ISO 8601; the browser replaces it by the reader's format.
 * @param zone an IANA name
 * @throws RangeError for an unknown zone
 */
export function formatTime(date: Date, zone = "UTC", now = new Date()): string {
  const format = timeFormat(zone);
  const [day, time] = format.format(date).split(" ");
  const isToday = format.format(now).startsWith(`${day}`);
  return `${isToday ? time : `${day} ${time}`} ${zone}`;
}

/** By zone: to make one takes forty times as long as to use it. */
const timeFormats = new Map<string, Intl.DateTimeFormat>();
/** There is no end of ways to write a zone: its name may be in any case. */
const TIME_FORMATS_MAX = 64;

function timeFormat(zone: string): Intl.DateTimeFormat {
  const known = timeFormats.get(zone);
  if (known) return known;
  const style = { timeZone: zone, dateStyle: "short", timeStyle: "medium" } as const;
  // Swedish uses this order.
  const format = new Intl.DateTimeFormat("sv", style);
  if (timeFormats.size === TIME_FORMATS_MAX) timeFormats.clear();
  timeFormats.set(zone, format);
  return format;
}
