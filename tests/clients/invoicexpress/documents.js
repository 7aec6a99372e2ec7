// An invoice from draft to canceled through the client, one JSON line a step: [step, value] or [step, {error}].
"use strict";
require("winston").level = "none"; // the client logs every error answer
const { Invoice, Sequence } = require("invoice-express-api");

const auth = { accountName: process.env.ACCOUNT, apiKey: process.env.API_KEY };
const array = { type: "array" };
const draft = {
  date: "2013-06-18",
  dueDate: "2013-07-18",
  reference: "PO 7",
  client: { name: "José Sousa", code: "A1", country: "Portugal" },
  items: { "@": array, item: [{ name: "Item 1", description: "Portátil", unitPrice: 50.5, quantity: 2 }] },
};

const step = async (name, call) => {
  let value;
  try {
    value = await call();
  } catch (error) {
    value = { error: error.name, status: error.statusCode };
  }
  console.log(JSON.stringify([name, value === undefined ? null : value]));
  return value;
};

(async () => {
  const created = await step("create", () => Invoice.create(auth, draft));
  const id = created.id;
  await step("create without array", () => Invoice.create(auth, { ...draft, items: { item: draft.items.item } }));
  await step("create without client", () => Invoice.create(auth, { ...draft, client: { name: "" } }));
  await step("update", () => Invoice.update(auth, { ...draft, reference: "PO 8" }, id));
  await step("list drafts", () => Invoice.listAll(auth, { "type[]": "Invoice", "status[]": "draft", page: 1, perPage: 10 }));
  await step("settle too early", () => Invoice.changeState(auth, { state: "settled" }, id));
  await step("finalize", () => Invoice.changeState(auth, { state: "finalized" }, id));
  await step("finalize again", () => Invoice.changeState(auth, { state: "finalized" }, id));
  await step("get", () => Invoice.get(auth, id));
  await step("update final", () => Invoice.update(auth, draft, id));
  await step("sequence", () => Sequence.listAll(auth));
  await step("cancel without message", () => Invoice.changeState(auth, { state: "canceled" }, id));
  await step("cancel", () => Invoice.changeState(auth, { state: "canceled", message: "Wrong client" }, id));
  await step("get canceled", () => Invoice.get(auth, id));
  await step("get unknown", () => Invoice.get(auth, 99999));
  await step("wrong key", () => Invoice.create({ ...auth, apiKey: "wrong" }, draft));
})();
