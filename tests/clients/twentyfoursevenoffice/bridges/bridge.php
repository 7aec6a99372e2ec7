<?php
// PHP's SoapClient: makes the calls that it reads from its input, one a line. See bridge.py.
[, $address, $paths, $version] = $argv;
$paths = json_decode($paths, true);
$clients = [];
$session = '';

function client_for($service) {
    global $address, $paths, $version, $clients, $session;
    $clients[$service] ??= new SoapClient("$address{$paths[$service]}?WSDL", [
        'soap_version' => $version === '1.2' ? SOAP_1_2 : SOAP_1_1, 'cache_wsdl' => WSDL_CACHE_NONE, 'trace' => true,
    ]);
    if ($session) {
        $clients[$service]->__setCookie('ASP.NET_SessionId', $session);
    }
    return $clients[$service];
}

// The extension itself makes base64 of a text and undoes it.
function given($name, $value) {
    if (is_array($value)) {
        $found = [];
        foreach ($value as $inner => $each) {
            $found[$inner] = given(is_int($inner) ? $name : $inner, $each);
        }
        return $found;
    }
    return $name === 'buffer' ? base64_decode($value) : $value;
}

function answer($service, $operation, $message) {
    global $session;
    if ($service === 'cookie') {
        $session = $operation;
        return ['value' => null];
    }
    try {
        $found = client_for($service)->$operation(given('', $message))->{"{$operation}Result"} ?? null;
        return ['value' => in_array($operation, ['DownloadChunk', 'GetInvoiceDocument']) ? base64_encode($found) : $found];
    } catch (SoapFault $fault) {
        return ['fault' => $fault->faultstring, 'code' => $fault->faultcode];
    }
}

while (($line = fgets(STDIN)) !== false) {
    echo json_encode(answer(...json_decode($line, true)), JSON_UNESCAPED_UNICODE | JSON_PRESERVE_ZERO_FRACTION), "\n";
}
