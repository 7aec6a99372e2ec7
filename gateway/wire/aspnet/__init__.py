"""ASP.NET Web API 2 as a client sees it: routes, content negotiation, formatters, ModelState, HttpError.

Pure functions on bytes and header values. They know no vendor and no meaning, and do no I/O. In the order of a request:

    routes        which action a path and verb select; 404 and 405
    negotiation   which formatter and charset the answer uses
    contract      what a message looks like: members, types, names for XML
    charset       request bytes to text, by header, byte order mark and declaration
    json_reader, json_binding, json_writer   as Newtonsoft.Json does it, in a selectable version
    datacontract  as DataContractSerializer does it
    form          as the model binder reads application/x-www-form-urlencoded
    modelstate    what was wrong with the message, key by key
    httperror     the framework's error bodies and texts
    pipeline      the pieces above in the framework's order
"""
