// The frame of the console, and which page is in it. The place is in the part of the address behind #, so that it can be
// kept and sent to others; the key is not.

import { key, onRefusedKey, setKey } from "./api.js";
import { button, el } from "./dom.js";
import { LANGUAGES, choose, language, t } from "./i18n.js";
import { listPage } from "./list.js";
import { explain } from "./problem.js";
import { retentionPage } from "./retention.js";
import { searchPage } from "./search.js";
import { sessionPage } from "./session.js";
import { signInPage } from "./signin.js";

/**
 * What each page is. It is given its place and answers {leave, goTo}: how it is left, and, where it can, how it shows
 * another place of the same.
 */
const PAGES = { sessions: listPage, session: sessionPage, search: searchPage, retention: retentionPage };

const main = el("main", { id: "main", tabindex: -1 });

/** The page that is there, {name, of, leave, goTo}; none while a key is asked for. */
let page;

/** The place in the address: `#/session/<id>?seq=7`. */
function place() {
  const [path, query = ""] = location.hash.replace(/^#\/?/, "").split("?");
  const [name, ...rest] = path.split("/");
  return { name: Object.hasOwn(PAGES, name) ? name : "sessions", of: decoded(rest.join("/")), query: new URLSearchParams(query) };
}

/** An address may be typed by hand. */
function decoded(part) {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

/** Follows the address. */
function move() {
  const { name, of, query } = place();
  if (page?.goTo && page.name === name && page.of === of) {
    page.goTo(query);
  } else {
    show();
    if (!main.contains(document.activeElement)) {
      main.focus({ preventScroll: true });
    }
  }
}

function leave() {
  const left = page;
  page = undefined;
  left?.leave();
}

function show() {
  leave();
  const here = place();
  document.title = `${t(here.name === "session" ? "sessions" : here.name)} – ${t("app")}`;
  document.querySelectorAll("nav a").forEach((each) => each.setAttribute("aria-current",
    each.dataset.page === (here.name === "session" ? "sessions" : here.name) ? "page" : "false"));
  main.replaceChildren();
  main.className = here.name;
  const shown = page = { name: here.name, of: here.of };
  Object.assign(shown, PAGES[here.name]({ main, of: here.of, query: here.query,
    fail: (problem) => page === shown && tell(problem) }));
}

/** Says what did not work, or that it works again. A key that is not accepted has been told already. */
function tell(problem) {
  if (problem?.name === "AbortError" || problem?.status === 401) {
    return;
  }
  if (problem instanceof TypeError) {
    // no answer, or a mistake of this page
    console.warn(problem);
  }
  const said = problem && explain(problem);
  const before = main.querySelector(":scope > .failed");
  // what is said already is not said again: a screen reader would read it every time
  if (before?.firstChild.textContent !== said) {
    before?.remove();
    main.prepend(...(said ? [el("div", { class: "failed", role: "alert" }, el("span", {}, said), button(t("again"), show))] : []));
  }
}

function frame() {
  const languages = el("select", { "aria-label": t("language"), onchange: (event) => choose(event.target.value) },
    Object.entries(LANGUAGES).map(([name, text]) => el("option", { value: name, selected: name === language }, text)));
  const signOut = button(t("signOut"), () => {
    setKey(null);
    location.reload();
  }, { id: "sign-out", hidden: !key() });
  return [
    el("a", { class: "skip", href: "#main", onclick: (event) => {
      event.preventDefault();
      main.focus();
    } }, t("skip")),
    el("header", {},
      el("strong", {}, t("app")),
      el("nav", { "aria-label": t("app") }, ["sessions", "search", "retention"]
        .map((name) => el("a", { href: `#/${name}`, "data-page": name }, t(name)))),
      el("span", { class: "end" }, el("a", { href: "docs" }, t("api")), languages, signOut)),
    main
  ];
}

onRefusedKey((hadOne) => {
  if (main.className === "signin") {
    // several requests were under way
    return;
  }
  leave();
  document.querySelectorAll("dialog").forEach((each) => each.close());
  signInPage(main, hadOne, (value) => {
    setKey(value);
    document.getElementById("sign-out").hidden = false;
    show();
  });
});
document.getElementById("page").replaceChildren(...frame());
window.addEventListener("hashchange", move);
// who has scrolled away comes back by the same link, which changes nothing in the address
main.addEventListener("click", ({ target }) => target.closest("a")?.getAttribute("href") === location.hash && move());
show();
