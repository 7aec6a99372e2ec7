<?php
// What shops do in a day, story by story: arguments are the base address, the credentials, and the name of the story.
require __DIR__ . '/shop_library.php';

[, $base, $user, $password, $story] = $argv;
$fresh = fn () => new Shop($base, $user, $password); // shop software makes a new object for each page
$shop = $fresh();
$cup = [row('CUP-1', 2)]; // 200 with VAT

// A payment that was booked and finalized by one object.
function sold(Shop $shop, string $id, array $rows): bool {
    $shop->book($id, $rows);
    return $shop->finalize($id);
}

$stories = [
    'day' => function () use ($shop, $cup) {
        step('book', fn () => $shop->book('D-1', $cup)->bookPaymentStatus);
        step('payment', fn () => $shop->payment('D-1')->totalAmount);
        step('pending', fn () => $shop->status('D-1'));
        step('finalize', fn () => $shop->finalize('D-1'));
        step('finalized', fn () => $shop->status('D-1'));
        step('credit', fn () => $shop->credit('D-1'));
        step('credited', fn () => $shop->status('D-1'));
        step('rows', fn () => array_values(quantities($shop->payment('D-1'))));
        step('missing', fn () => $shop->payment('No-such-payment'));
        step('nothing left to credit', fn () => $shop->credit('D-1'));
        step('nothing left to finalize', fn () => $shop->finalize('D-1'));
    },
    'first run' => function () use ($shop, $cup) {
        step('reset', fn () => $shop->reset());
        step('finalize', fn () => [sold($shop, 'F-1', $cup), sold($shop, 'F-2', $cup)]);
        step('numbers', fn () => [...$shop->numbers('F-1'), ...$shop->numbers('F-2'), $shop->next()]);
    },
    'repair' => function () use ($fresh, $cup) {
        $shop = $fresh();
        step('four', fn () => array_map(fn ($n) => sold($shop, "R-$n", $cup), [1, 2, 3, 4]));
        step('reset', fn () => $shop->reset());
        step('after reset', fn () => [sold($fresh(), 'R-5', $cup), $shop->numbers('R-5'), $shop->next()]);
        $back = function (int $number) use ($shop) {
            $shop->reset();
            $shop->configuration('setInvoiceSequence', ['nextInvoiceNumber' => $number]);
        };
        step('set back', fn () => $back(2));
        step('after set back', fn () => [sold($fresh(), 'R-6', $cup), $shop->numbers('R-6'), $shop->next()]);
        step('set back again', fn () => $back(1));
        step('credit', fn () => [$fresh()->credit('R-6'), $shop->numbers('R-6'), $shop->next()]);
    },
    'static number' => function () use ($fresh, $cup) {
        $shop = $fresh();
        step('two', fn () => [sold($shop, 'S-1', $cup), sold($shop, 'S-2', $cup)]);
        step('by hand', function () use ($shop, $cup) {
            $shop->book('S-3', $cup);
            $shop->after('finalizePayment', ['paymentId' => 'S-3', 'invoiceId' => '1003036']);
            return [$shop->numbers('S-3'), $shop->next()];
        });
        Shop::$flags = ['STATIC' => true, 'TEST_INVOICE' => true];
        step('static', fn () => sold($fresh(), 'S-4', $cup));
        Shop::$flags = [];
        step('next', fn () => $shop->next());
        step('plain', fn () => [$fresh()->finalize('S-4'), $shop->numbers('S-4'), $shop->next()]);
    },
    'mixed' => function () use ($shop) {
        $rows = array_map(fn ($n) => row("PR0$n", 100, 90), [1, 2, 3, 4]);
        $half = [row('PR01', 50, 90)];
        $quarter = [row('PR01', 25, 90)];
        step('book', fn () => $shop->book('M-1', $rows)->bookPaymentStatus);
        step('parts', fn () => [$shop->annul('M-1', $half), $shop->finalize('M-1', $half), $shop->credit('M-1', $quarter)]);
        $seen = function () use ($shop) {
            $payment = $shop->payment('M-1');
            return ['rows' => quantities($payment), 'status' => listed($payment->status), 'total' => $payment->totalAmount,
                'numbers' => $shop->numbers('M-1')];
        };
        step('after parts', $seen);
        step('cancel', fn () => $shop->cancel('M-1'));
        step('after cancel', $seen);
    },
    'more' => function () use ($shop, $cup, $base) {
        step('numbers of an empty store', fn () => $shop->nextByDebits(5));
        step('book', fn () => $shop->book('X-1', $cup)->bookPaymentStatus);
        step('metadata', function () use ($shop) {
            foreach (['CustomerId' => '-', 'invoiceExtRef' => 'Ref 1', 'CustomerId ' => 'x'] as $key => $value) {
                $shop->after('addMetaData', ['paymentId' => 'X-1', 'key' => trim($key), 'value' => $value]);
            }
            $entries = listed($shop->payment('X-1')->metaData);
            return array_combine(array_column($entries, 'key'), array_column($entries, 'value'));
        });
        $by = fn ($id) => ['searchCriteria' => ['governmentId' => $id]];
        step('found', fn () => array_column(listed($shop->after('findPayments', $by('198305147715'))), 'paymentId'));
        step('found nothing', fn () => listed($shop->after('findPayments', $by('195004269741'))));
        step('additional debit', fn () => $shop->after('additionalDebitOfPayment', [
            'paymentId' => 'X-1', 'paymentSpec' => spec([row('EXTRA', 1, 40)]), 'createdBy' => 'Shop_1']));
        step('finalize', fn () => [$shop->finalize('X-1'), $shop->payment('X-1')->totalAmount, $shop->numbers('X-1')]);
        step('register', fn () => $shop->configuration('registerEventCallback', [
            'eventType' => 'UPDATE', 'uriTemplate' => 'http://127.0.0.1:9/cb?id={paymentId}&digest={digest}',
            'digestConfiguration' => ['digestAlgorithm' => 'SHA1', 'digestParameters' => ['paymentId'], 'digestSalt' => 'x']]));
        $types = ['UNFREEZE', 'ANNULMENT', 'AUTOMATIC_FRAUD_CONTROL', 'FINALIZATION', 'TEST', 'UPDATE', 'BOOKED'];
        step('registered', fn () => array_map(
            fn ($type) => $shop->configuration('getRegisteredEventCallback', ['eventType' => $type]), $types));
        step('unregister', fn () => $shop->configuration('unregisterEventCallback', ['eventType' => 'UPDATE']));
        step('trigger nothing', fn () => $shop->call('DeveloperWebService', 'triggerEvent', [
            'eventType' => 'TEST', 'param' => ['a', 'b', 'c', 'd', 'e']]));
    },
    'callbacks' => function () use ($shop, $cup) {
        $receiver = stream_socket_server('tcp://127.0.0.1:0');
        $address = 'http://' . stream_socket_get_name($receiver, false);
        $register = fn (string $type, string $template, array $names) => $shop->configuration('registerEventCallback', [
            'eventType' => $type, 'uriTemplate' => "$address/$template&digest={digest}",
            'digestConfiguration' => ['digestAlgorithm' => 'SHA1', 'digestParameters' => $names, 'digestSalt' => 's3cret']]);
        $names = ['param1', 'param2', 'param3', 'param4', 'param5'];
        step('register', function () use ($register, $names) {
            $register('TEST', '?prm1={param1}&prm2={param2}&prm3={param3}&prm4={param4}&prm5={param5}', $names);
            $register('UPDATE', '?event-type=UPDATE&paymentId={paymentId}', ['paymentId']);
        });
        step('trigger', fn () => $shop->call('DeveloperWebService', 'triggerEvent', [
            'eventType' => 'TEST', 'param' => ['Alfa', 'Bravo', 'Charlie', 'Delta', 'Echo']]));
        step('called', fn () => called($receiver, 's3cret', ['prm1', 'prm2', 'prm3', 'prm4', 'prm5'])['genuine']);
        step('sold', fn () => sold($shop, 'C-1', $cup));
        step('updated', function () use ($receiver) {
            do {
                $call = called($receiver, 's3cret', ['paymentId']);
                $diff = $call['body']->paymentDiff;
            } while ($diff->type !== 'DEBIT');
            return [$call['method'], $call['genuine'], $call['query']['paymentId'], $diff->invoiceId];
        });
    },
    'old plug-in' => function () use ($shop) {
        step('operations', fn () => array_map(fn ($name) => count($shop->client($name)->__getFunctions()),
            ['ConfigurationService', 'AfterShopFlowService', 'SimplifiedShopFlowService']));
        $argument = new stdClass(); // as a generated class has it: the member is there, without a value
        $argument->nextInvoiceNumber = null;
        step('peek', fn () => $shop->client('ConfigurationService')->peekInvoiceSequence($argument)->nextInvoiceNumber ?? null);
        step('first', fn () => $shop->next());
    },
];
$stories[$story]();
