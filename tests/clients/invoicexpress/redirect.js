// Loaded before the client, whose host is fixed: requests to the vendor's host go to the gateway under test, others fail.
"use strict";
const http = require("http");
const https = require("https");

const port = Number(process.env.GATEWAY_PORT);

https.request = (options, callback) => {
  const host = options.hostname || options.host;
  if (!host.endsWith(".app.invoicexpress.com")) {
    throw new Error(`no network in tests: ${host}`);
  }
  const here = { protocol: "http:", host: "127.0.0.1", hostname: "127.0.0.1", port, agent: false };
  return http.request({ ...options, ...here }, callback);
};
