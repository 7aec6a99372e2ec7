// node-soap as a shop over all four services: arguments are the base address, user name and password.
"use strict";
const http = require("http");
const soap = require("soap");

const [base, user, password] = process.argv.slice(2);
const clients = {};

const clientFor = async (service) => {
  const basic = "Basic " + Buffer.from(`${user}:${password}`).toString("base64");
  const client = await soap.createClientAsync(`${base}${service}?wsdl`, {
    wsdl_headers: { Authorization: basic },
    disableCache: true,
  });
  client.setSecurity(new soap.BasicAuthSecurity(user, password));
  return client;
};

const call = async (service, operation, given = {}) => {
  clients[service] = clients[service] || (await clientFor(service));
  const [answer] = await clients[service][`${operation}Async`](given);
  return answer || {};
};
const after = async (operation, given) => (await call("AfterShopFlowService", operation, given)).return;
const flow = async (operation, given) => (await call("SimplifiedShopFlowService", operation, given)).return;
const configuration = (operation, given) => call("ConfigurationService", operation, given);
const listed = (value) => (value === undefined || value === null ? [] : [].concat(value));

const step = async (name, act) => {
  let value;
  try {
    value = await act();
  } catch (error) {
    const fault = error.root && error.root.Envelope.Body.Fault;
    if (!fault) throw error;
    const detail = fault.detail.ECommerceError;
    value = { id: Number(detail.errorTypeId), name: detail.errorTypeDescription, fixable: String(detail.fixableByYou) === "true" };
  }
  console.log(JSON.stringify([name, value === undefined ? null : value]));
};

const spec = (quantity) => {
  const sums = { totalVatAmount: 20 * quantity, totalAmount: 100 * quantity };
  const line = { id: "1", artNo: "CUP-1", description: "Cup", quantity, unitMeasure: "st", unitAmountWithoutVat: 80, vatPct: 25 };
  return { specLines: [{ ...line, ...sums }], totalAmount: sums.totalAmount, totalVatAmount: sums.totalVatAmount };
};

// What the shop's customer does on the page, and where the page leads.
const signed = (url) => new Promise((resolve, reject) => {
  const headers = { "Content-Type": "application/x-www-form-urlencoded" };
  const request = http.request(url, { method: "POST", headers, agent: false }, (answer) => {
    answer.resume(); // else the connection stays
    resolve(answer.headers.location);
  });
  request.on("error", reject).end("answer=sign");
});

const booked = async (preferredId, governmentId, more = {}) => {
  const place = { fullName: "Prov Testsson", addressRow1: "Provgatan 1", postalArea: "Provstad", postalCode: "12345", country: "SE" };
  return flow("bookPayment", {
    paymentData: { preferredId, paymentMethodId: "INVOICE", waitForFraudControl: true },
    orderData: spec(2),
    customer: { governmentId, address: place, phone: "0701122333", email: "prov@example.com", type: "NATURAL", ...more },
    signing: { successUrl: "http://shop.example/ok", failUrl: "http://shop.example/no" },
  });
};

const payment = async () => {
  const got = await after("getPayment", { paymentId: "P-1" });
  const numbers = listed(got.paymentDiffs).map((diff) => diff.invoiceId).filter(Boolean).map(String);
  return { total: String(got.totalAmount), status: listed(got.status), limit: String(got.limit), numbers };
};

const sender = { name: "Provbolaget" };
for (const name of ["street", "zipcode", "city", "country", "phone", "email", "homepage", "vatreg", "orgnr"]) sender[name] = "x";
Object.assign(sender, { companytaxnote: true, logotype: "iVBORw==", modifiedby: "clerk" });
const template = "http://127.0.0.1:9/cb?id={paymentId}&digest={digest}";
const update = { eventType: "UPDATE" };
const ofP1 = { paymentId: "P-1" };

(async () => {
  await step("methods", async () => listed(await flow("getPaymentMethods")).map((method) => method.id));
  await step("set", async () => (await configuration("setInvoiceSequence", { nextInvoiceNumber: 445 })).none);
  await step("book", async () => (await booked("P-1", "198305147715")).bookPaymentStatus);
  await step("booked", payment);
  await step("metadata", () => after("addMetaData", { ...ofP1, key: "CustomerId", value: "C-9" }));
  await step("finalize a part", () => after("finalizePayment", { ...ofP1, partPaymentSpec: spec(1), orderId: "O-1" }));
  await step("finalize the rest", () => after("finalizePayment", ofP1));
  await step("credit", () => after("creditPayment", { ...ofP1, createdBy: "clerk" }));
  await step("credited", payment);
  await step("names", async () => listed(await after("getPaymentDocumentNames", ofP1)).length);
  await step("document", async () => {
    const [documentName] = listed(await after("getPaymentDocumentNames", ofP1));
    const pdf = await after("getPaymentDocument", { ...ofP1, documentName });
    return Buffer.from(pdf.pdfData, "base64").toString("latin1").slice(0, 5);
  });
  await step("found", async () => listed(await after("findPayments", {
    searchCriteria: { statusSet: ["IS_CREDITED"] }, pageNumber: 1, itemsPerPage: 10,
    sortBy: { ascending: false, sortColumns: ["FINALIZED_TIME", "BOOKED_TIME"] },
  })).map((one) => one.paymentId));
  await step("size", async () => Number(await after("calculateResultSize", { searchCriteria: {} })));
  await step("finalize again", () => after("finalizePayment", ofP1));
  await step("missing", () => after("getPayment", { paymentId: "No-such-payment" }));
  await step("book frozen", async () => (await booked("P-2", "198209123705")).bookPaymentStatus);
  await step("finalize frozen", () => after("finalizePayment", { paymentId: "P-2" }));
  await step("sign nothing", () => flow("bookSignedPayment", ofP1));
  const elsewhere = { fullName: "Prov Testsson", addressRow1: "Annan gata 2", postalArea: "Provstad", postalCode: "12345", country: "SE" };
  const asked = await booked("P-3", "198305147715", { deliveryAddress: elsewhere }); // asks for a signature
  await step("book with a signature", () => asked.bookPaymentStatus);
  await step("too early", () => flow("bookSignedPayment", { paymentId: "P-3" }));
  await step("sign", () => signed(asked.signingUrl));
  await step("signed", async () => (await flow("bookSignedPayment", { paymentId: "P-3" })).bookPaymentStatus);
  await step("address", async () => (await flow("getAddress", { governmentId: "198305147715", customerType: "NATURAL" })).country);
  await step("annuities", async () => listed(await flow("getAnnuityFactors", { paymentMethodId: "PARTPAYMENT" })).length);
  await step("cost", async () => (await flow("getCostOfPurchaseHtml", { paymentMethodId: "INVOICE", amount: 500 })).includes("priceTable"));
  await step("register", async () => (await configuration("registerEventCallback", { ...update, uriTemplate: template,
    digestConfiguration: { digestAlgorithm: "SHA1", digestParameters: ["paymentId"], digestSalt: "s3cret" } })).none);
  await step("registered", async () => (await configuration("getRegisteredEventCallback", update)).uriTemplate);
  await step("unregister", async () => (await configuration("unregisterEventCallback", update)).none);
  await step("not registered", async () => (await configuration("getRegisteredEventCallback", update)).uriTemplate);
  await step("trigger", () => call("DeveloperWebService", "triggerEvent", { eventType: "TEST", param: ["a", "b"] }));
  await step("set sender", async () => (await configuration("setInvoiceData", { invoiceData: sender })).none);
  await step("sender", async () => (await configuration("getInvoiceData")).invoiceData.name);
  await step("bonus", () => after("getCustomerBonus", { governmentId: "198305147715" }));
  await step("peek", async () => Number((await configuration("peekInvoiceSequence")).nextInvoiceNumber));
})();
