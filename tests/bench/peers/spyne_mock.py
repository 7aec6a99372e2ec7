"""The peek on spyne (SOAP 1.1 in and out, lxml), as a WSGI application. Run by gunicorn. It checks no credentials."""

from spyne import Application, Integer, ServiceBase, rpc
from spyne.protocol.soap import Soap11
from spyne.server.wsgi import WsgiApplication


class ConfigurationService(ServiceBase):
    """The next number."""

    @rpc(_returns=Integer, _out_variable_name="nextInvoiceNumber")
    def peekInvoiceSequence(ctx):  # noqa: N805 - spyne hands in its context
        """Always the same."""
        return 444


app = WsgiApplication(
    Application(
        [ConfigurationService],
        "http://ecommerce.resurs.com/v4/msg/configuration",
        in_protocol=Soap11(),
        out_protocol=Soap11(),
    )
)
