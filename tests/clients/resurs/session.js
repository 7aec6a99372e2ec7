// node-soap, as a program would use it: arguments are the service's address, user name and password.
"use strict";
const soap = require("soap");

const [address, user, right] = process.argv.slice(2);

const clientFor = async (password) => {
  const basic = "Basic " + Buffer.from(`${user}:${password}`).toString("base64");
  const client = await soap.createClientAsync(`${address}?wsdl`, {
    wsdl_headers: { Authorization: basic },
    disableCache: true,
  });
  client.setSecurity(new soap.BasicAuthSecurity(user, password));
  return client;
};

const faultOf = (error) => {
  const body = error.root && error.root.Envelope && error.root.Envelope.Body;
  if (!body || !body.Fault) {
    const refused = /Code: (\d+)/.exec(String(error)); // node-soap's message for a WSDL that it cannot load
    return { status: error.response ? error.response.status : Number(refused && refused[1]) };
  }
  const detail = body.Fault.detail.ECommerceError;
  return {
    fault: body.Fault.faultstring,
    code: body.Fault.faultcode,
    id: Number(detail.errorTypeId),
    name: detail.errorTypeDescription,
    fixable: String(detail.fixableByYou) === "true",
    text: detail.userErrorMessage,
  };
};

const step = async (name, call) => {
  let value;
  try {
    const answer = await call();
    const result = Array.isArray(answer) ? answer[0] : answer;
    value = result && result.nextInvoiceNumber !== undefined ? Number(result.nextInvoiceNumber) : null;
    value = name === "operations" ? answer : value;
  } catch (error) {
    value = faultOf(error);
  }
  console.log(JSON.stringify([name, value]));
};

(async () => {
  const client = await clientFor(right);
  const port = client.describe().ConfigurationService.ConfigurationWebServiceImplPort;
  await step("operations", () => Object.keys(port).sort());
  await step("peek unset", () => client.peekInvoiceSequenceAsync({}));
  await step("set", () => client.setInvoiceSequenceAsync({ nextInvoiceNumber: 445 }));
  await step("peek set", () => client.peekInvoiceSequenceAsync({}));
  await step("set lower", () => client.setInvoiceSequenceAsync({ nextInvoiceNumber: 444 }));
  await step("peek after lower", () => client.peekInvoiceSequenceAsync({}));
  await step("set equal", () => client.setInvoiceSequenceAsync({ nextInvoiceNumber: 445 }));
  await step("clear", () => client.setInvoiceSequenceAsync({}));
  await step("peek cleared", () => client.peekInvoiceSequenceAsync({}));
  await step("set again", () => client.setInvoiceSequenceAsync({ nextInvoiceNumber: 1 }));
  await step("clear nil", () =>
    client.setInvoiceSequenceAsync({ nextInvoiceNumber: { attributes: { "xsi:nil": "true" } } }));
  await step("peek cleared again", () => client.peekInvoiceSequenceAsync({}));
  await step("wrong password", () => clientFor("wrong"));
  client.setSecurity(new soap.BasicAuthSecurity(user, "wrong"));
  await step("wrong password on call", () => client.peekInvoiceSequenceAsync({}));
})();
