<?php
// PHP's SoapClient, as a program would use it: arguments are the service's address, user name and password.
[, $address, $user, $password] = $argv;

function client_for($password) {
    global $address, $user;
    return new SoapClient("$address?wsdl", [
        'login' => $user, 'password' => $password, 'exceptions' => true, 'trace' => true,
        'cache_wsdl' => WSDL_CACHE_NONE,
    ]);
}

function step($name, $call) {
    try {
        $answer = $call();
        $value = is_array($answer) ? $answer : ($answer->nextInvoiceNumber ?? null);
    } catch (SoapFault $fault) {
        if (isset($fault->detail->ECommerceError)) {
            $error = $fault->detail->ECommerceError;
            $error = $error->enc_value ?? $error;
            $value = ['fault' => $fault->faultstring, 'code' => $fault->faultcode, 'id' => (int) $error->errorTypeId,
                'name' => $error->errorTypeDescription, 'fixable' => in_array($error->fixableByYou, [true, 'true'], true),
                'text' => $error->userErrorMessage];
        } else {
            $value = ['status' => preg_match('/Unauthorized/', $fault->faultstring . warnings()) ? 401 : 0,
                'message' => $fault->faultstring];
        }
    }
    echo json_encode([$name, $value], JSON_UNESCAPED_UNICODE), "\n";
}

$warnings = []; // the reason why a WSDL did not load is in a warning, not in the exception
set_error_handler(function ($level, $message) use (&$warnings) {
    $warnings[] = $message;
    return true;
});

function warnings() {
    global $warnings;
    return implode("\n", $warnings);
}

$client = client_for($password);
$names = [];
foreach ($client->__getFunctions() as $signature) {
    preg_match('/ (\w+)\(/', $signature, $found);
    $names[] = $found[1];
}
sort($names);
step('operations', fn () => $names);
step('peek unset', fn () => $client->peekInvoiceSequence([]));
step('set', fn () => $client->setInvoiceSequence(['nextInvoiceNumber' => 445]));
step('peek set', fn () => $client->peekInvoiceSequence([]));
step('set lower', fn () => $client->setInvoiceSequence(['nextInvoiceNumber' => 444]));
step('peek after lower', fn () => $client->peekInvoiceSequence(['nextInvoiceNumber' => null]));
step('set equal', fn () => $client->setInvoiceSequence(['nextInvoiceNumber' => 445]));
step('clear', fn () => $client->setInvoiceSequence([]));
step('peek cleared', fn () => $client->peekInvoiceSequence([]));
step('set again', fn () => $client->setInvoiceSequence(['nextInvoiceNumber' => 1]));
step('clear nil', fn () => $client->setInvoiceSequence(['nextInvoiceNumber' => null]));
step('peek cleared again', fn () => $client->peekInvoiceSequence([]));
step('wrong password', fn () => client_for('wrong'));
$warnings = [];
$anonymous = new SoapClient("$address?wsdl", ['cache_wsdl' => WSDL_CACHE_NONE]);
step('call without password', fn () => $anonymous->peekInvoiceSequence([]));
