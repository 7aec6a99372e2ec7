// Loaded before the program: a socket to anywhere but loopback is an error.
"use strict";
const net = require("net");
const connect = net.Socket.prototype.connect;

net.Socket.prototype.connect = function guarded(...words) {
  const first = Array.isArray(words[0]) ? words[0][0] : words[0];
  const host = typeof first === "object" && first !== null ? first.host || "localhost" : words[1] || "localhost";
  if (!["127.0.0.1", "::1", "localhost"].includes(host)) {
    throw new Error(`no network in tests: ${host}`);
  }
  return connect.apply(this, words);
};
