<?php
// PHP's SoapClient, as a program would use it: arguments are the server's address, the file with the order, the SOAP version.
[, $address, $file, $version] = $argv;
$order = json_decode(file_get_contents($file), true);
const APPLICATION = '00000000-0000-4000-8000-000000000024';
const TOKEN = '00000000-0000-4000-8000-00000000240f';

function client_for($path) {
    global $address, $version;
    return new SoapClient("$address$path?WSDL", [
        'soap_version' => $version === '1.2' ? SOAP_1_2 : SOAP_1_1, 'cache_wsdl' => WSDL_CACHE_NONE, 'trace' => true,
        'features' => SOAP_SINGLE_ELEMENT_ARRAYS,
    ]);
}

$authenticate = client_for('/authenticate/v001/authenticate.asmx');
$invoices = client_for('/Economy/InvoiceOrder/V001/InvoiceService.asmx');

function step($name, $call) {
    try {
        $value = $call();
    } catch (SoapFault $fault) {
        $value = ['fault' => $fault->faultstring, 'code' => $fault->faultcode];
    }
    echo json_encode([$name, $value], JSON_UNESCAPED_UNICODE | JSON_PRESERVE_ZERO_FRACTION), "\n";
    return $value;
}

function call($client, $name, $message = []) {
    return $client->$name($message)->{"{$name}Result"} ?? null;
}

$auth = fn ($name, $message = []) => call($authenticate, $name, $message);
$inv = fn ($name, $message = []) => call($invoices, $name, $message);
$save = fn (...$orders) => $inv('SaveInvoices', ['invoices' => ['InvoiceOrder' => $orders]]);
$get = fn ($ids, $properties = ['OrderId'], $row = []) => $inv('GetInvoices', [
    'searchParams' => ['OrderIds' => ['int' => $ids]],
    'invoiceReturnProperties' => ['string' => $properties],
    'rowReturnProperties' => ['string' => $row],
]) ?? [];

function credential($password = 'demo-secret', $application = APPLICATION) {
    return ['credential' => ['ApplicationId' => $application, 'Username' => 'demo@example.com', 'Password' => $password]];
}

function log_in($session) {
    global $authenticate, $invoices;
    foreach ([$authenticate, $invoices] as $client) {
        $client->__setCookie('ASP.NET_SessionId', $session);
    }
}

function operations($client) {
    $names = [];
    foreach ($client->__getFunctions() as $signature) {
        preg_match('/ (\w+)\(/', $signature, $found);
        $names[$found[1]] = true; // both ports are listed
    }
    return array_keys($names);
}

function element_names($type) {
    global $invoices;
    foreach ($invoices->__getTypes() as $text) {
        if (preg_match("/^struct $type \{/", $text)) {
            preg_match_all('/^ \S+ (\w+);$/m', $text, $found);
            return $found[1];
        }
    }
}

$names = array_merge(operations($authenticate), operations($invoices));
sort($names);
step('operations', fn () => $names);
step('list without session', fn () => $inv('GetPaymentMethods'));
step('wrong password', fn () => $auth('Login', credential('wrong')));
step('unknown application', fn () => $auth('Login', credential('demo-secret', TOKEN)));
step('has session before', fn () => $auth('HasSession'));
log_in(step('login', fn () => $auth('Login', credential())));
step('has session', fn () => $auth('HasSession'));
step('identity', fn () => $auth('GetIdentity'));
step('identities', fn () => $auth('GetIdentities'));
step('payment methods', fn () => $inv('GetPaymentMethods'));
step('delivery methods', fn () => $inv('GetDeliveryMethods'));
step('templates', fn () => $inv('GetInvoiceTemplates'));

$saved = step('save', fn () => $save($order));
$order_id = $saved->InvoiceOrder[0]->OrderId;
// IncludeVAT is the one element that the contract demands of every order
$known = ['OrderId' => $order_id, 'CustomerId' => 1, 'SkipStock' => true, 'IncludeVAT' => true];
$added = ['ProductId' => 2, 'Quantity' => 3, 'SequenceNumber' => 7, 'ChangeState' => 'Add'];
step('add row', fn () => $save($known + ['OrderStatus' => 'ForInvoicing', 'InvoiceRows' => ['InvoiceRow' => [$added]]]));
step('save two', fn () => $save(['CustomerId' => 999, 'IncludeVAT' => null], ['CustomerId' => 2, 'IncludeVAT' => null]));
$invoice_id = step('invoice', fn () => $save($known + ['OrderStatus' => 'Invoiced']))->InvoiceOrder[0]->InvoiceId;
step('locked', fn () => $save($known + ['OrderStatus' => 'Web']));
step('read', fn () => $get([$order_id], element_names('InvoiceOrder'), element_names('InvoiceRow')));
step('reference', fn () => $inv('UpdateInvoices', ['invoices' => ['InvoiceOrder' => [
    ['OrderId' => $order_id, 'IncludeVAT' => null, 'ReferenceNumber' => 'REF-2']]]]));
$pdf = $inv('GetInvoiceDocument', ['Parameters' => ['InvoiceId' => $invoice_id]]);
step('pdf', fn () => ['start' => substr($pdf, 0, 5), 'long' => strlen($pdf) > 1000]);
step('no such invoice', fn () => $inv('GetInvoiceDocument', ['Parameters' => ['InvoiceId' => 99]]));
$ids = step('sync', fn () => $inv('GetOrderSyncList', ['syncParams' => ['RegisteredAfter' => '2000-01-01T00:00:00']]));
step('batches', fn () => array_map(fn ($each) => $get([$each]), $ids->int));
$passport = step('token', fn () => $auth('AuthenticateByToken', ['token' => ['ApplicationId' => APPLICATION, 'Id' => TOKEN]]));
log_in($passport->SessionId);
step('has session by token', fn () => $auth('HasSession'));
