<?php
// A shop's library in PHP, written for these tests: it makes the calls that shop software makes, in its order and with its
// arguments. Source: sections 6.1 to 6.5 of the facts.

final class Shop {
    public static array $flags = []; // of the whole process, as in shop software
    private array $clients = [];
    private ?array $methods = null;
    private bool $sawUnset = false;

    public function __construct(private string $base, private string $user, private string $password) {}

    public function client(string $service): SoapClient {
        return $this->clients[$service] ??= new SoapClient("{$this->base}$service?wsdl", [
            'login' => $this->user, 'password' => $this->password, 'exceptions' => true, 'trace' => true,
            'cache_wsdl' => WSDL_CACHE_NONE,
        ]);
    }

    // The answer's child, or null for a void answer. A fault becomes an exception with the vendor's error number.
    public function call(string $service, string $operation, array $arguments = []): mixed {
        try {
            $answer = $this->client($service)->$operation($arguments);
        } catch (SoapFault $fault) {
            $error = $fault->detail->ECommerceError ?? null;
            $error = $error->enc_value ?? $error;
            if ($error === null) {
                throw $fault;
            }
            $by = (string) $error->fixableByYou === 'false' ? 'Not fixable by you' : 'Fixable by you';
            throw new ShopError("[$error->errorTypeDescription] $error->userErrorMessage ($by)", (int) $error->errorTypeId);
        }
        return $answer->return ?? $answer->nextInvoiceNumber ?? $answer->uriTemplate ?? $answer->invoiceData ?? null;
    }

    public function after(string $operation, array $arguments = []): mixed {
        return $this->call('AfterShopFlowService', $operation, $arguments);
    }

    public function flow(string $operation, array $arguments = []): mixed {
        return $this->call('SimplifiedShopFlowService', $operation, $arguments);
    }

    public function configuration(string $operation, array $arguments = []): mixed {
        return $this->call('ConfigurationService', $operation, $arguments);
    }

    // --- numbers ---

    public function next(): int {
        $next = $this->configuration('peekInvoiceSequence');
        if ($next === null) {
            $this->sawUnset = true;
            $this->configuration('setInvoiceSequence', ['nextInvoiceNumber' => 1]);
            $next = $this->configuration('peekInvoiceSequence');
        }
        return (int) $next;
    }

    public function reset(): void {
        $this->configuration('setInvoiceSequence', []);
    }

    // Moves the sequence above the highest number among the latest payments.
    public function nextByDebits(int $scanned): int {
        $this->next();
        $highest = 0;
        foreach (['IS_DEBITED', 'IS_CREDITED', 'IS_ANNULLED'] as $status) {
            $found = $this->after('findPayments', [
                'searchCriteria' => ['statusSet' => [$status]], 'pageNumber' => 1, 'itemsPerPage' => $scanned,
                'sortBy' => ['ascending' => false, 'sortColumns' => ['FINALIZED_TIME', 'MODIFIED_TIME', 'BOOKED_TIME']],
            ]);
            foreach (listed($found) as $payment) {
                foreach (listed($this->payment($payment->paymentId)->paymentDiffs ?? null) as $diff) {
                    $highest = max($highest, (int) ($diff->invoiceId ?? 0));
                }
            }
        }
        $number = max($highest + 1, $this->next());
        $this->configuration('setInvoiceSequence', ['nextInvoiceNumber' => $number]);
        return $this->next();
    }

    // --- payments ---

    public function methods(): array {
        $all = ['language' => null, 'customerType' => null, 'purchaseAmount' => null];
        return $this->methods ??= listed($this->flow('getPaymentMethods', $all));
    }

    public function book(string $id, array $rows, string $method = 'INVOICE', array $more = []): object {
        $this->methods();
        $person = ['governmentId' => $more['governmentId'] ?? '198305147715', 'phone' => '0701122333',
            'email' => 'prov@example.com', 'type' => 'NATURAL', 'cellPhone' => '0701122333', 'address' => [
                'fullName' => 'Prov Testsson', 'firstName' => 'Prov', 'lastName' => 'Testsson', 'addressRow1' => 'Provgatan 1',
                'postalArea' => 'Provstad', 'postalCode' => '12345', 'country' => 'SE']];
        return $this->flow('bookPayment', [
            'paymentData' => ['preferredId' => $id, 'paymentMethodId' => $method, 'customerIpAddress' => '127.0.0.1',
                'waitForFraudControl' => true, 'annulIfFrozen' => false, 'finalizeIfBooked' => $more['finalize'] ?? false],
            'orderData' => spec($rows),
            'customer' => $person + ($more['customer'] ?? []),
            'signing' => ['successUrl' => 'http://shop.example/ok', 'failUrl' => 'http://shop.example/no',
                'forceSigning' => false],
            'storeId' => '7', // no client's WSDL has it: PHP drops it silently
        ]);
    }

    public function payment(string $id): object {
        return $this->after('getPayment', ['paymentId' => $id]);
    }

    public function finalize(string $id, ?array $rows = null): bool {
        return $this->repaired(fn () => $this->change('finalizePayment', $id, $rows));
    }

    public function credit(string $id, ?array $rows = null): bool {
        return $this->repaired(fn () => $this->change('creditPayment', $id, $rows));
    }

    public function annul(string $id, ?array $rows = null): bool {
        return $this->change('annulPayment', $id, $rows);
    }

    public function cancel(string $id): void {
        $this->payment($id);
        $this->payment($id);
        $this->after('addMetaData', ['paymentId' => $id, 'key' => 'CustomerId', 'value' => '-']);
        $this->annul($id);
        $this->credit($id);
    }

    private function repaired(callable $change): bool {
        try {
            return $change();
        } catch (ShopError $error) {
            if (!in_array($error->getCode(), [28, 29])) {
                throw $error;
            }
            $this->nextByDebits(5);
            return $change();
        }
    }

    private function change(string $operation, string $id, ?array $rows): bool {
        $payment = $this->payment($id);
        $method = array_values(array_filter($this->methods(), fn ($one) => $one->id === $payment->paymentMethodId))[0];
        $invoices = $method->specificType === 'INVOICE';
        $number = $invoices ? $this->next() : null;
        $left = $operation === 'creditPayment' ? ['CREDITABLE'] : ['DEBITABLE'];
        $rows ??= remaining($payment, $left[0]);
        if (!$rows && $operation !== 'finalizePayment') {
            return false;
        }
        $this->after('addMetaData', ['paymentId' => $id, 'key' => 'CustomerId', 'value' => '-']);
        $arguments = ['paymentId' => $id, 'partPaymentSpec' => spec($rows), 'createdBy' => 'Shop_1', 'specLines' => $rows];
        if (!$rows) {
            unset($arguments['partPaymentSpec']); // means all that is left
        }
        if ($operation === 'finalizePayment' && $invoices) {
            $arguments += ['orderDate' => date('Y-m-d'), 'invoiceDate' => date('Y-m-d')];
            if ($this->sawUnset || isset(self::$flags['STATIC'])) {
                $arguments['invoiceId'] = isset(self::$flags['TEST_INVOICE']) ? 1003036 : $number;
            }
        }
        $this->after($operation, $arguments);
        return true;
    }

    // Where the shop sees the payment: 1 pending, 2 processing, 4 completed, 8 annulled, 16 credited.
    public function status(string $id): int {
        $payment = $this->payment($id);
        $has = fn ($status) => in_array($status, listed($payment->status ?? null));
        return match (true) {
            $payment->frozen => 1,
            $has('DEBITABLE') => 2,
            $has('IS_DEBITED') && $payment->totalAmount > 0 => 4,
            $has('IS_CREDITED') && $payment->totalAmount == 0 => 16,
            $has('IS_ANNULLED') && $payment->totalAmount == 0 => 8,
            default => 0,
        };
    }

    public function numbers(string $id): array {
        $diffs = listed($this->payment($id)->paymentDiffs ?? null);
        return array_values(array_filter(array_map(fn ($diff) => $diff->invoiceId ?? null, $diffs)));
    }
}

final class ShopError extends Exception {}

// PHP gives an object instead of a list for one element, and nothing for none.
function listed(mixed $value): array {
    return $value === null ? [] : (is_array($value) ? $value : [$value]);
}

function row(string $article, float $quantity, float $price = 80, float $percent = 25): array {
    return ['artNo' => $article, 'description' => "Row $article", 'quantity' => $quantity, 'unitMeasure' => 'st',
        'unitAmountWithoutVat' => $price, 'vatPct' => $percent];
}

// Rows with their ids and sums, as PHP computes them: in floats.
function spec(array $rows): array {
    $lines = [];
    foreach (array_values($rows) as $index => $row) {
        $net = $row['unitAmountWithoutVat'] * $row['quantity'];
        $vat = $net * $row['vatPct'] / 100;
        $lines[] = ['id' => $index + 1] + $row + ['totalVatAmount' => $vat, 'totalAmount' => $net + $vat];
    }
    return ['specLines' => $lines, 'totalAmount' => array_sum(array_column($lines, 'totalAmount')),
        'totalVatAmount' => array_sum(array_column($lines, 'totalVatAmount'))];
}

// How much of each row there is by kind of diff. Rows are the same when their texts are.
function quantities(object $payment): array {
    $rows = [];
    foreach (listed($payment->paymentDiffs ?? null) as $diff) {
        foreach (listed($diff->paymentSpec->specLines ?? null) as $line) {
            $texts = [$line->artNo, $line->description, $line->unitMeasure, $line->unitAmountWithoutVat, $line->vatPct];
            $rows[implode('|', $texts)][$diff->type] = ($rows[implode('|', $texts)][$diff->type] ?? 0) + $line->quantity;
        }
    }
    return $rows;
}

function remaining(object $payment, string $status): array {
    $rows = [];
    foreach (quantities($payment) as $key => $of) {
        [$article, $description, $unit, $price, $percent] = explode('|', $key);
        $left = $status === 'CREDITABLE'
            ? ($of['DEBIT'] ?? 0) - ($of['CREDIT'] ?? 0)
            : ($of['AUTHORIZE'] ?? 0) - ($of['DEBIT'] ?? 0) - ($of['ANNUL'] ?? 0);
        if ($left > 0) {
            $rows[] = ['artNo' => $article, 'description' => $description, 'quantity' => $left, 'unitMeasure' => $unit,
                'unitAmountWithoutVat' => (float) $price, 'vatPct' => (float) $percent];
        }
    }
    return $rows;
}

// The next call back to the shop. It is genuine when its digest is that of the named values and the salt.
function called(mixed $receiver, string $salt, array $names): array {
    $caller = stream_socket_accept($receiver, 30);
    [$method, $target] = explode(' ', fgets($caller));
    $length = 0;
    while (($line = trim(fgets($caller))) !== '') {
        $length = stripos($line, 'content-length:') === 0 ? (int) substr($line, 15) : $length;
    }
    $body = $length ? json_decode(stream_get_contents($caller, $length)) : null;
    fwrite($caller, "HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n");
    fclose($caller);
    parse_str(parse_url($target, PHP_URL_QUERY), $query);
    $digest = strtoupper(sha1(implode('', array_map(fn ($name) => $query[$name], $names)) . $salt));
    return ['method' => $method, 'query' => $query, 'body' => $body, 'genuine' => $digest === $query['digest']];
}

function step(string $name, callable $call): void {
    try {
        $value = $call();
    } catch (ShopError $error) {
        $value = ['code' => $error->getCode(), 'message' => $error->getMessage()];
    }
    echo json_encode([$name, $value], JSON_UNESCAPED_UNICODE | JSON_PRESERVE_ZERO_FRACTION), "\n";
}
