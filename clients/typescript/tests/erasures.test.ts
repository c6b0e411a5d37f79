import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { type Erasure, isProblem } from "../src/index.js";
import { until, user, withStore } from "./store-test.js";

let receipt: Erasure;

describe("erasures", () => {
  test("an owner's sessions, or those that are named, are out of reach at once", async () => {
    const { store, id } = await withStore();
    const owner = `owner-${id}`;
    await store.createSession({ session_id: id, owner });
    await store.append(id, user("a"));
    await store.append(`${id}-named`, user("a"));
    receipt = await store.eraseOwner(owner);
    const named = await store.eraseSessions([`${id}-named`, `${id}-never`]);
    assert.deepEqual([receipt.sessions, receipt.messages, named.sessions], [1, 1, 1]);
    await assert.rejects(store.getSession(id), (error) => isProblem(error, "session-not-found"));
    await assert.rejects(store.getErasure("never"), (error) => isProblem(error, "erasure-not-found"));
    for (const none of ["", "..", "."]) {
      await assert.rejects(async () => store.getErasure(none), TypeError);
    }
  });
});

/** Seconds later, in which the other tests run. */
export function describeTheirEnd(): void {
  describe("erasures, in the end", () => {
    test("the receipt says when nothing is left", async () => {
      const { store } = await withStore();
      await until(async () => (receipt = await store.getErasure(receipt.erasure_id)).state === "done");
      assert.equal(typeof receipt.finished_at, "string");
    });
  });
}
