// Calls the client as a program would and prints what it gave, one JSON line a step: [step, value] or [step, {error}].
"use strict";
require("winston").level = "none"; // the client logs every error answer
const { Sequence } = require("invoice-express-api");

const auth = { accountName: process.env.ACCOUNT, apiKey: process.env.API_KEY };

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
  await step("list one", () => Sequence.listAll(auth));
  const created = await step("create", () => Sequence.create(auth, { serie: "FT-2017" }));
  await step("create taken", () => Sequence.create(auth, { serie: "FT-2017" }));
  await step("create blank", () => Sequence.create(auth, { serie: "" }));
  await step("set current", () => Sequence.update(auth, created.id));
  await step("get", () => Sequence.get(auth, created.id));
  await step("get unknown", () => Sequence.get(auth, 99999));
  await step("list two", () => Sequence.listAll(auth));
  await step("wrong key", () => Sequence.listAll({ ...auth, apiKey: "wrong" }));
  await step("wrong account", () => Sequence.listAll({ ...auth, accountName: "nobody" }));
})();
