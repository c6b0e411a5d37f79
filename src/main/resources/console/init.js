// The frame of the console, and which page is in it. The place is in the part of the address behind #, so that it can be
// kept and sent to others; the key is not.

import { Problem, key, onRefusedKey, setKey } from "./api.js";
import { button, el } from "./dom.js";
import { LANGUAGES, choose, language, t } from "./i18n.js";
import { listPage } from "./list.js";
import { retentionPage } from "./retention.js";
import { searchPage } from "./search.js";
import { sessionPage } from "./session.js";
import { signInPage } from "./signin.js";

/** What each page is; it is given its place and says how it is left. */
const PAGES = { sessions: listPage, session: sessionPage, search: searchPage, retention: retentionPage };

const main = el("main", { id: "main", tabindex: -1 });

let leave = () => {};

/** The place in the address: `#/session/<id>?seq=7`. */
function place() {
  const [path, query = ""] = location.hash.replace(/^#\/?/, "").split("?");
  const [name, ...rest] = path.split("/");
  const of = rest.map((part) => decodeURIComponent(part)).join("/");
  return { name: name in PAGES ? name : "sessions", of, query: new URLSearchParams(query) };
}

function show() {
  leave();
  const here = place();
  document.title = `${t(here.name === "session" ? "sessions" : here.name)} – ${t("app")}`;
  document.querySelectorAll("nav a").forEach((each) => each.setAttribute("aria-current",
    each.dataset.page === (here.name === "session" ? "sessions" : here.name) ? "page" : "false"));
  main.replaceChildren();
  main.className = here.name;
  leave = PAGES[here.name]({ main, of: here.of, query: here.query, fail }) ?? (() => {});
}

/** Says what did not work; a key that is not accepted has been told already. */
function fail(problem) {
  if (problem.name === "AbortError" || problem.status === 401) {
    return;
  }
  const name = problem.status === 403 ? "forbidden" : problem instanceof Problem ? "error" : "unreachable";
  if (name === "unreachable") {
    console.warn(problem);
  }
  main.querySelector(":scope > .failed")?.remove();
  main.prepend(el("p", { class: "failed", role: "alert" }, t(name, { detail: problem.message })));
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
  leave();
  leave = () => {};
  signInPage(main, hadOne, (value) => {
    setKey(value);
    document.getElementById("sign-out").hidden = false;
    show();
  });
});
document.getElementById("page").replaceChildren(...frame());
window.addEventListener("hashchange", show);
show();
