// node-soap: makes the calls that it reads from its input, one a line. See bridge.py.
"use strict";
const readline = require("readline");
const soap = require("soap");

const [, , address, paths] = process.argv;
const PATHS = JSON.parse(paths);
const clients = {};
let session = "";

const clientFor = async (service) => {
  clients[service] ||= await soap.createClientAsync(`${address}${PATHS[service]}?wsdl`, { disableCache: true });
  if (session) clients[service].addHttpHeader("Cookie", `ASP.NET_SessionId=${session}`);
  return clients[service];
};

const answer = async (service, operation, message) => {
  if (service === "cookie") {
    session = operation;
    return { value: null };
  }
  try {
    const client = await clientFor(service);
    const [found] = await client[`${operation}Async`](message);
    const value = found === null || found === undefined ? null : found[`${operation}Result`];
    return { value: value === undefined ? null : value };
  } catch (error) {
    const fault = error.root && error.root.Envelope.Body.Fault;
    if (!fault) throw error;
    const text = fault.faultstring || (fault.Reason.Text.$value || fault.Reason.Text);
    return { fault: text, code: fault.faultcode || fault.Code.Value };
  }
};

(async () => {
  for await (const line of readline.createInterface({ input: process.stdin })) {
    console.log(JSON.stringify(await answer(...JSON.parse(line))));
  }
})();
