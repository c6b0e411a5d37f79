// What went wrong, in words.

import { t } from "./i18n.js";

/** What the API says when it does not do something: RFC 9457. */
export class Problem extends Error {
  /** @param retryAfter after how many seconds it makes sense to ask again, where the answer says so */
  constructor(status, body, retryAfter) {
    super(body.detail ?? body.title ?? `HTTP ${status}`);
    this.status = status;
    this.type = (body.type ?? "").replace("/problems/", "");
    this.body = body;
    this.retryAfter = retryAfter;
  }
}

/** A sentence for whoever looks. */
export function explain(problem) {
  if (!(problem instanceof Problem)) {
    // a request that has no answer is a TypeError
    return problem instanceof TypeError ? t("unreachable") : problem.message;
  }
  switch (problem.status) {
    case 401: return t("wrongKey");
    case 403: return t("forbidden", { detail: problem.message });
    case 429: case 503: return t("busy");
    default: return problem.type === "session-not-found" ? t("noSession") : t("error", { detail: problem.message });
  }
}
