// node-soap, as a program would use it: arguments are the server's address and the file with the order.
"use strict";
const fs = require("fs");
const soap = require("soap");

const address = process.argv[2];
const order = JSON.parse(fs.readFileSync(process.argv[3], "utf8"));
const APPLICATION = "00000000-0000-4000-8000-000000000024";
const TOKEN = "00000000-0000-4000-8000-00000000240f";

const clientFor = (path) => soap.createClientAsync(`${address}${path}?wsdl`, { disableCache: true });

const step = async (name, call) => {
  let value;
  try {
    value = await call();
  } catch (error) {
    const fault = error.root && error.root.Envelope.Body.Fault;
    if (!fault) throw error;
    value = { fault: fault.faultstring, code: fault.faultcode };
  }
  console.log(JSON.stringify([name, value === undefined ? null : value]));
  return value;
};

const credential = (password = "demo-secret", application = APPLICATION) => ({
  credential: { ApplicationId: application, Username: "demo@example.com", Password: password },
});

(async () => {
  const authenticate = await clientFor("/authenticate/v001/authenticate.asmx");
  const invoices = await clientFor("/Economy/InvoiceOrder/V001/InvoiceService.asmx");
  const callTo = (client) => async (name, message = {}) => {
    const [answer] = await client[`${name}Async`](message);
    return answer === null ? null : answer[`${name}Result`];
  };
  const auth = callTo(authenticate);
  const inv = callTo(invoices);
  const logIn = (session) => {
    for (const client of [authenticate, invoices]) client.addHttpHeader("Cookie", `ASP.NET_SessionId=${session}`);
  };
  const operations = (client, service) => Object.keys(client.describe()[service][`${service}Soap`]);
  const names = (type) => Object.keys(invoices.wsdl.definitions.schemas["http://24sevenOffice.com/webservices"]
    .complexTypes[type].children[0].children.reduce((all, each) => ({ ...all, [each.$name]: true }), {}));
  const save = (...orders) => inv("SaveInvoices", { invoices: { InvoiceOrder: orders } });
  const get = async (ids, properties = ["OrderId"], row = []) => await inv("GetInvoices", {
    searchParams: { OrderIds: { int: ids } },
    invoiceReturnProperties: { string: properties },
    rowReturnProperties: { string: row },
  }) || [];

  await step("operations", () => [...operations(authenticate, "Authenticate"),
    ...operations(invoices, "InvoiceService")].sort());
  await step("list without session", () => inv("GetPaymentMethods"));
  await step("wrong password", () => auth("Login", credential("wrong")));
  await step("unknown application", () => auth("Login", credential("demo-secret", TOKEN)));
  await step("has session before", () => auth("HasSession"));
  logIn(await step("login", () => auth("Login", credential())));
  await step("has session", () => auth("HasSession"));
  await step("identity", () => auth("GetIdentity"));
  await step("identities", () => auth("GetIdentities"));
  await step("payment methods", () => inv("GetPaymentMethods"));
  await step("delivery methods", () => inv("GetDeliveryMethods"));
  await step("templates", () => inv("GetInvoiceTemplates"));

  const saved = await step("save", () => save(order));
  const orderId = saved.InvoiceOrder[0].OrderId;
  const known = { OrderId: orderId, CustomerId: 1, SkipStock: true };
  const added = { ProductId: 2, Quantity: 3, SequenceNumber: 7, ChangeState: "Add" };
  await step("add row", () => save({ ...known, OrderStatus: "ForInvoicing", InvoiceRows: { InvoiceRow: [added] } }));
  await step("save two", () => save({ CustomerId: 999 }, { CustomerId: 2 }));
  const invoiced = await step("invoice", () => save({ ...known, OrderStatus: "Invoiced" }));
  const invoiceId = invoiced.InvoiceOrder[0].InvoiceId;
  await step("locked", () => save({ ...known, OrderStatus: "Web" }));
  await step("read", () => get([orderId], names("InvoiceOrder"), names("InvoiceRow")));
  await step("reference", () => inv("UpdateInvoices",
    { invoices: { InvoiceOrder: [{ OrderId: orderId, ReferenceNumber: "REF-2" }] } }));
  const pdf = Buffer.from(await inv("GetInvoiceDocument", { Parameters: { InvoiceId: invoiceId } }), "base64");
  await step("pdf", () => ({ start: pdf.subarray(0, 5).toString(), long: pdf.length > 1000 }));
  await step("no such invoice", () => inv("GetInvoiceDocument", { Parameters: { InvoiceId: 99 } }));
  const ids = await step("sync", () => inv("GetOrderSyncList", { syncParams: { RegisteredAfter: "2000-01-01T00:00:00" } }));
  await step("batches", async () => {
    const batches = [];
    for (const each of ids.int) batches.push(await get([each]));
    return batches;
  });
  const passport = await step("token", () =>
    auth("AuthenticateByToken", { token: { ApplicationId: APPLICATION, Id: TOKEN } }));
  logIn(passport.SessionId);
  await step("has session by token", () => auth("HasSession"));
})();
