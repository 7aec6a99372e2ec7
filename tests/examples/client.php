<?php
// The client under test: moves the line on by one. Arguments: WSDL, user, password.
[, $wsdl, $user, $password] = $argv;
$client = new SoapClient($wsdl, ['login' => $user, 'password' => $password, 'cache_wsdl' => WSDL_CACHE_NONE]);
$number = $client->peekInvoiceSequence([])->nextInvoiceNumber;
$client->setInvoiceSequence(['nextInvoiceNumber' => $number + 1]);
echo $number, "\n";
