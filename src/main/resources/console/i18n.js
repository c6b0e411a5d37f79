// The words of the page, in the language of whoever looks.

import { TEXTS } from "./texts.js";

const CHOICE = "agent-session-store.language";

export const LANGUAGES = { en: "English", ru: "Русский" };

const names = Object.keys(LANGUAGES);

export const language = names.find((name) => name === localStorage.getItem(CHOICE))
  ?? (navigator.language.toLowerCase().startsWith("ru") ? "ru" : "en");

document.documentElement.lang = language;

export function choose(name) {
  localStorage.setItem(CHOICE, name);
  location.reload();
}

/** The text of this name; `{word}` in it stands for the value of that name. */
export function t(name, values = {}) {
  return TEXTS[name][names.indexOf(language)].replace(/\{(\w+)\}/g, (all, word) => String(values[word] ?? all));
}

const numbers = new Intl.NumberFormat(language);
const times = new Intl.DateTimeFormat(language, { dateStyle: "medium", timeStyle: "medium" });
const ages = new Intl.RelativeTimeFormat(language, { numeric: "auto", style: "short" });

export const number = (value) => numbers.format(value);

export const time = (value) => times.format(new Date(value));

/** So many days, hours, minutes or seconds. */
export const span = (value, unit) => new Intl.NumberFormat(language, { style: "unit", unit, unitDisplay: "long" }).format(value);

/** How long ago it was, or how long it is until then. */
export function age(value) {
  const seconds = (new Date(value) - Date.now()) / 1000;
  const [unit, length] = [["day", 86400], ["hour", 3600], ["minute", 60]]
    .find(([, each]) => Math.abs(seconds) >= each) ?? ["second", 1];
  return ages.format(Math.round(seconds / length), unit);
}
