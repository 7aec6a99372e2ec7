// The peek on node-soap: `node node_soap.js PORT PATH WSDL`, run where node_modules/soap is.
const fs = require("fs");
const http = require("http");
const { createRequire } = require("module");
const soap = createRequire(process.cwd() + "/")("soap");

const [port, path, wsdl] = process.argv.slice(2);
const peekInvoiceSequence = () => ({ nextInvoiceNumber: 444 });
const services = { ConfigurationService: { ConfigurationWebServiceImplPort: { peekInvoiceSequence } } };
const server = http.createServer((request, response) => {
  response.statusCode = 404;
  response.end();
});
const wanted = "Basic " + Buffer.from("demo-se:demo-secret").toString("base64");
const ready = (error) => {
  if (error) throw error;
  server.listen(Number(port), "127.0.0.1");
};
const listening = soap.listen(server, { path, services, xml: fs.readFileSync(wsdl, "utf8"), uri: wsdl, callback: ready });
listening.authorizeConnection = (request) => request.headers.authorization === wanted;
