"""The enumerations, with their members in the order of the contract. Letter case counts on the wire."""

from __future__ import annotations

from enum import StrEnum


class OrderSlipStateType(StrEnum):
    """The state of an order. Invoiced makes it an invoice."""

    NONE = "None"
    OFFER = "Offer"
    PACK = "Pack"
    INVOICED = "Invoiced"
    WEB = "Web"
    REPEATING = "Repeating"
    COLLECTING_ORDER = "CollectingOrder"
    RETURN = "Return"
    DISTRIBUTION = "Distribution"
    REST = "Rest"
    FOR_INVOICING = "ForInvoicing"
    OVERTIME_RENT = "OvertimeRent"
    CONFIRMED = "Confirmed"
    ORDER_STATE_SENT = "OrderState_Sent"
    PRODUCTION = "Production"
    PAYMENT_REMINDER = "PaymentReminder"
    ON_ACCOUNT = "OnAccount"
    LENDING = "Lending"
    INVOICED_CASH_ACCOUNT = "InvoicedCashAccount"
    INVOICED_PACK = "InvoicedPack"
    INACTIVE = "Inactive"
    HOURS = "Hours"
    ORDER_STATE_SUPER_STORE = "OrderState_SuperStore"
    DRAFT = "Draft"


class RowType(StrEnum):
    """What a row is. TextBold is deprecated."""

    NORMAL = "Normal"
    TEXT = "Text"
    TEXT_BOLD = "TextBold"


class ChangeState(StrEnum):
    """What to do with a row of an order that exists. Source: R-65."""

    NONE = "None"
    ADD = "Add"
    EDIT = "Edit"
    DELETE = "Delete"


class Distributor(StrEnum):
    """Who distributes the invoice."""

    DEFAULT = "Default"
    MANUAL = "Manual"
    AUTO = "Auto"


class DistributionMethod(StrEnum):
    """How the invoice is distributed. The contract writes EMail; the vendor's pages write Email."""

    UNCHANGED = "Unchanged"
    PRINT = "Print"
    EMAIL = "EMail"
    ELECTRONIC_INVOICE = "ElectronicInvoice"
