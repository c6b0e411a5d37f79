// Shows Markdown as elements, without any markup of the text's own: HTML in it stays text, and only links to http and https
// become links. It knows what models write; what it does not know stays as it was written.

import { el } from "./dom.js";

/** What is written from right to left begins at the right, with all that is inside. */
const direction = (depth) => depth === 0 ? { dir: "auto" } : {};

/** Each span is bounded, and none looks beyond where another begins, so that no text takes longer than its length. */
const INLINE = new RegExp([
  "``([^\\n]{1,1000}?)``",
  "`([^`\\n]{1,1000})`",
  "!?\\[([^[\\]\\n]{0,500})\\]\\(([^\\s()]{1,2000})\\)",
  "\\*\\*(?=\\S)([^\\n]{1,1000}?\\S?)\\*\\*",
  "(?<![\\w*])\\*(?=\\S)([^*\\n]{1,1000})\\*(?![\\w*])",
  "(?<!\\w)_(?=\\S)([^_\\n]{1,1000})_(?!\\w)",
  "~~(?=\\S)([^~\\n]{1,1000})~~",
  "(https?://[^\\s<>()\"'`]{1,2000})"
].join("|"), "g");

const DEEPEST = 6;

const HEADING = /^(#{1,6})\s+(.*)$/;
const FENCE = /^\s{0,3}(```+|~~~+)\s*([\w+#.-]*)/;
const ITEM = /^(\s*)([-*+]|\d{1,9}[.)])\s+(.*)$/;
const QUOTE = /^\s{0,3}>\s?(.*)$/;
const RULE = /^\s{0,3}([-*_])(\s*\1){2,}\s*$/;

/**
 * The elements of a text.
 * @param limit how many more elements are made, {left}, about; what is behind them stays as it was written, and then
 * `reached` is true
 */
export function markdown(text, limit) {
  return blocks(text.split("\n"), 0, limit);
}

/** Whether so many elements may still be made. */
function spend(limit, count = 1) {
  if (limit.left < count) {
    // nor anything smaller behind it
    limit.left = 0;
    limit.reached = true;
    return false;
  }
  limit.left -= count;
  return true;
}

/** Lines as they were written, in one element. */
function plain(name, lines, attributes = {}) {
  return el(name, { class: "plain", ...attributes }, lines.join("\n"));
}

function blocks(lines, depth, limit) {
  const made = [];
  let at = 0;
  while (at < lines.length) {
    const line = lines[at];
    const fence = FENCE.exec(line);
    const heading = HEADING.exec(line);
    if (line.trim() === "") {
      at++;
    } else if (!spend(limit)) {
      made.push(plain("p", lines.slice(at)));
      at = lines.length;
    } else if (fence) {
      const end = endOfFence(lines, at, fence[1]);
      made.push(el("pre", { class: "code", tabindex: 0 }, el("code", {}, lines.slice(at + 1, end).join("\n"))));
      at = end + 1;
    } else if (heading) {
      // no heading of the page: those have an order, which messages know nothing of
      made.push(el("p", { class: `heading level-${heading[1].length}`, ...direction(depth) }, inline(heading[2], 0, limit)));
      at++;
    } else if (RULE.test(line)) {
      made.push(el("hr"));
      at++;
    } else if (QUOTE.test(line) && depth < DEEPEST) {
      const end = endOf(lines, at, (each) => QUOTE.test(each));
      made.push(el("blockquote", direction(depth),
        blocks(lines.slice(at, end).map((each) => QUOTE.exec(each)[1]), depth + 1, limit)));
      at = end;
    } else if (ITEM.test(line) && depth < DEEPEST) {
      const end = endOf(lines, at, (each) => ITEM.test(each) || /^\s+\S/.test(each));
      made.push(list(lines.slice(at, end), depth, limit));
      at = end;
    } else if (line.includes("|") && at + 1 < lines.length && isDivider(lines[at + 1])) {
      const end = endOf(lines, at, (each) => each.includes("|"));
      made.push(table(lines.slice(at, end), depth, limit));
      at = end;
    } else {
      const end = Math.max(at + 1, endOf(lines, at, (each, index) => each.trim() !== ""
        && (index === at || !(FENCE.test(each) || HEADING.test(each) || QUOTE.test(each) || ITEM.test(each)))));
      made.push(el("p", direction(depth), inline(lines.slice(at, end).join("\n"), 0, limit)));
      at = end;
    }
  }
  return made;
}

/** The first line that is not one of these. */
function endOf(lines, from, isOne) {
  let end = from;
  while (end < lines.length && isOne(lines[end], end)) {
    end++;
  }
  return end;
}

/** A fence that is never closed goes to the end: the answer may have been cut off. */
function endOfFence(lines, from, fence) {
  return endOf(lines, from + 1, (each) => !each.trim().startsWith(fence));
}

function list(lines, depth, limit) {
  const indent = ITEM.exec(lines[0])[1].length;
  const items = [];
  for (const [index, line] of lines.entries()) {
    const item = ITEM.exec(line);
    if (item && item[1].length <= indent) {
      items.push({ index, inside: [item[3]] });
    } else {
      items.at(-1).inside.push(line.replace(/^(\t|\s{1,4})/, ""));
    }
  }
  const ordered = /\d/.test(ITEM.exec(lines[0])[2]);
  const first = parseInt(ITEM.exec(lines[0])[2], 10);
  const made = [];
  for (const { index, inside } of items) {
    if (!spend(limit)) {
      made.push(plain("li", lines.slice(index)));
      break;
    }
    // one line stands for itself, without the space of a paragraph
    made.push(el("li", {}, blocks(inside, depth + 1, limit).flatMap((each) =>
      each.matches("p:not(.plain)") ? [...each.childNodes] : [each])));
  }
  return el(ordered ? "ol" : "ul", { start: ordered && first !== 1 && first, ...direction(depth) }, made);
}

/** What stands between the head of a table and its rows: `|---|:-:|`. */
function isDivider(line) {
  return line.includes("-") && line.includes("|") && line.split("|").every((cell) => /^:?-*:?$/.test(cell.trim()));
}

function table(lines, depth, limit) {
  const [head, , ...rows] = lines;
  const cells = (line) => line.trim().replace(/^\||\|$/g, "").split("|").map((cell) => cell.trim());
  const row = (all, name) => el("tr", {}, all.map((cell) => el(name, {}, inline(cell, 0, limit))));
  const names = cells(head);
  // and what is around them
  if (!spend(limit, names.length + 4)) {
    return plain("p", lines);
  }
  const made = [row(names, "th")];
  for (const [index, line] of rows.entries()) {
    const all = cells(line);
    if (!spend(limit, 1 + all.length)) {
      made.push(el("tr", {}, plain("td", rows.slice(index), { colspan: names.length })));
      break;
    }
    made.push(row(all, "td"));
  }
  return el("div", { class: "table", tabindex: 0 }, el("table", direction(depth), el("thead", {}, made[0]),
    el("tbody", {}, made.slice(1))));
}

function inline(text, depth, limit) {
  if (depth > DEEPEST) {
    return [text];
  }
  const made = [];
  let from = 0;
  for (const match of text.matchAll(INLINE)) {
    if (!spend(limit)) {
      break;
    }
    made.push(text.slice(from, match.index), span(match, depth, limit));
    from = match.index + match[0].length;
  }
  made.push(text.slice(from));
  return made;
}

function span([all, code2, code, label, target, bold, italic, italic2, struck, address], depth, limit) {
  if (code2 ?? code) {
    return el("code", {}, code2 ?? code);
  }
  if (target) {
    return link(target, label ? inline(label, depth + 1, limit) : [target]) ?? all;
  }
  if (bold) {
    return el("strong", {}, inline(bold, depth + 1, limit));
  }
  if (italic ?? italic2) {
    return el("em", {}, inline(italic ?? italic2, depth + 1, limit));
  }
  if (struck) {
    return el("s", {}, inline(struck, depth + 1, limit));
  }
  const end = address.replace(/[.,;:!?]+$/, "");
  return el("span", {}, link(end, [end]) ?? end, address.slice(end.length));
}

/** A link to a page on the web; null for anything else, such as `javascript:`. */
export function link(target, text) {
  const url = URL.parse(target);
  return url && ["http:", "https:"].includes(url.protocol)
    ? el("a", { href: url.href, target: "_blank", rel: "noopener noreferrer" }, text) : null;
}
