"""Every path of the vendor's API, as data: verbs, path without its suffix, operation. Source: R-20; `SOURCES.md`.

The suffix of a path, `.xml` or `.json`, chooses the language of the message and nothing else. `:id` stands for one segment.
"""

from __future__ import annotations

from typing import Final

DOCUMENT_ACTIONS: Final = (
    ("GET", "/{plural}", "list"),
    ("POST", "/{plural}", "create"),
    ("GET", "/{plural}/:id", "get"),
    ("PUT", "/{plural}/:id", "update"),
    ("PUT POST", "/{plural}/:id/change-state", "change_state"),
    ("PUT POST", "/{singular}/:id/change-state", "change_state"),
    ("PUT", "/{plural}/:id/email-document", "email"),
    ("PUT", "/{plural}/:id/email-invoice", "email"),
    ("PUT POST", "/{singular}/:id/email-invoice", "email"),
    ("PUT", "/{plural}/:id/archive", "archive"),
    ("PUT", "/{plural}/:id/unarchive", "unarchive"),
)
"""What the vendor does with a document. Some clients write change-state and email-invoice below the singular."""

DOCUMENTS: Final = (
    "invoices",
    "simplified_invoices",
    "cash_invoices",
    "invoice_receipts",
    "credit_notes",
    "debit_notes",
    "vat_moss_invoices",
    "vat_moss_credit_notes",
    "purchase_orders",
    "quotes",
    "proformas",
    "fees_notes",
    "shippings",
    "devolutions",
    "transports",
    "receipts",
)
"""Types of documents by the name of their resource."""

MISSING: Final = frozenset(
    {
        *(("purchase_orders", action) for action in ("archive", "unarchive")),
        *(("receipts", action) for action in ("create", "update", "email", "archive", "unarchive")),
    }
)
"""Actions that a type does not have."""

ROUTES: Final = (
    ("GET", "/sequences", "sequences.list"),
    ("POST", "/sequences", "sequences.create"),
    ("GET", "/sequences/:id", "sequences.get"),
    ("PUT", "/sequences/:id", "sequences.update"),
    ("PUT", "/sequences/:id/set_current", "sequences.set_current"),
    ("PUT", "/sequences/:id/register", "sequences.register"),
    ("GET", "/estimates", "estimates.list"),
    ("GET", "/guides", "guides.list"),
    ("POST", "/documents/:id/partial_payments", "documents.partial_payment"),
    ("GET", "/document/:id/related_documents", "documents.related"),
    *(("GET", f"/{plural}/:id/related-documents", "documents.related") for plural in DOCUMENTS),
    ("GET", "/api/pdf/:id", "documents.pdf"),
    ("GET", "/pdf/:id", "documents.pdf"),
    ("GET", "/pdf/start/:id/:id", "documents.pdf_start"),
    ("GET", "/api/qr_codes/:id", "documents.qr_code"),
    ("GET", "/api/export_saft", "saft.export"),
    ("GET", "/clients", "clients.list"),
    ("POST", "/clients", "clients.create"),
    ("GET", "/clients/find-by-code", "clients.find_by_code"),
    ("GET", "/clients/find-by-name", "clients.find_by_name"),
    ("GET", "/clients/:id", "clients.get"),
    ("PUT", "/clients/:id", "clients.update"),
    ("DELETE", "/clients/:id", "clients.delete"),
    ("GET POST", "/clients/:id/invoices", "clients.invoices"),
    ("POST", "/clients/:id/create/invoice", "clients.create_invoice"),
    ("POST", "/clients/:id/create/cash-invoice", "clients.create_cash_invoice"),
    ("POST", "/clients/:id/create/credit-note", "clients.create_credit_note"),
    ("POST", "/clients/:id/create/debit-note", "clients.create_debit_note"),
    ("GET", "/items", "items.list"),
    ("POST", "/items", "items.create"),
    ("GET", "/items/:id", "items.get"),
    ("PUT", "/items/:id", "items.update"),
    ("DELETE", "/items/:id", "items.delete"),
    ("GET", "/taxes", "taxes.list"),
    ("POST", "/taxes", "taxes.create"),
    ("GET", "/taxes/:id", "taxes.get"),
    ("PUT", "/taxes/:id", "taxes.update"),
    ("DELETE", "/taxes/:id", "taxes.delete"),
    ("GET", "/schedules", "schedules.list"),
    ("POST", "/schedules", "schedules.create"),
    ("GET", "/schedules/:id", "schedules.get"),
    ("PUT", "/schedules/:id", "schedules.update"),
    ("PUT", "/schedules/:id/activate", "schedules.activate"),
    ("PUT", "/schedules/:id/deactivate", "schedules.deactivate"),
    ("GET", "/api/charts/invoicing", "charts.invoicing"),
    ("GET", "/api/charts/quarterly-results", "charts.quarterly_results"),
    ("GET", "/api/charts/top-clients", "charts.top_clients"),
    ("GET", "/api/charts/top-debtors", "charts.top_debtors"),
    ("GET", "/api/charts/treasury", "charts.treasury"),
    ("GET", "/api/v3/clients/:id/balance", "treasury.balance"),
    ("PUT", "/api/v3/clients/:id/initial_balance", "treasury.initial_balance"),
    ("POST", "/api/v3/clients/:id/treasury_movements", "treasury.create"),
    ("POST", "/login", "users.login"),
    ("GET", "/users/accounts", "users.accounts"),
    ("PUT", "/users/change_account", "users.change_account"),
    ("PUT", "/users/change-account", "users.change_account"),
    ("POST", "/api/accounts/create", "accounts.create"),
    ("POST", "/api/accounts/create_already_user", "accounts.create_already_user"),
    ("GET", "/api/accounts/:id/get", "accounts.get"),
    ("PUT", "/api/accounts/:id/update", "accounts.update"),
    ("GET", "/api/accounts/:id/stats", "accounts.stats"),
    ("PUT", "/api/accounts/:id/activate", "accounts.activate"),
    ("PUT", "/api/accounts/:id/suspend", "accounts.suspend"),
    ("POST", "/api/v3/accounts/at_communication", "accounts.at_communication"),
)
"""Everything else, and all of sequences."""

WITHOUT_SUFFIX: Final = frozenset({"schedules.activate", "schedules.deactivate", "documents.pdf_start"})
"""Operations whose paths have no suffix."""
