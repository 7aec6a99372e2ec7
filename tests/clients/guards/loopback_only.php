<?php
// Run before the program: documents that libxml would load from anywhere but loopback are an error. Calls go to the
// address in the WSDL, which the test checks to be loopback as well.
libxml_set_external_entity_loader(function ($public, $system, $context) {
    if (!preg_match('#^http://127\.0\.0\.1[:/]#', (string) $system)) {
        fwrite(STDERR, "no network in tests: $system\n");
        exit(3);
    }
    return $system;
});
