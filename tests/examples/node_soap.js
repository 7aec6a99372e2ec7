// The client under test: moves the line on by one. Arguments: WSDL, user, password.
"use strict";
const soap = require("soap");

(async () => {
  const [wsdl, user, password] = process.argv.slice(2);
  const client = await soap.createClientAsync(wsdl);
  client.setSecurity(new soap.BasicAuthSecurity(user, password));
  const [answer] = await client.peekInvoiceSequenceAsync({});
  const number = Number(answer.nextInvoiceNumber);
  await client.setInvoiceSequenceAsync({ nextInvoiceNumber: number + 1 });
  console.log(number);
})().catch((error) => {
  console.error(String(error));
  process.exit(1);
});
