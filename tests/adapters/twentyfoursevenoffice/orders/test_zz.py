import asyncio, sys, pytest
from tests.conftest import base_url
from tests.adapters.twentyfoursevenoffice.orders.office import Office
from schemas.twentyfoursevenoffice.messages import InvoiceOrder, InvoiceRow
ALL=[f.alias for f in InvoiceOrder.model_fields.values()]
ROWS=[f.alias for f in InvoiceRow.model_fields.values()]
async def test_smoke(make_gateway):
    c=await make_gateway()
    o=await Office(c.session, base_url(c)).login()
    print(o.cookie)
    print(await o.save({"CustomerId":1,"InvoiceRows":[{"ProductId":1,"Quantity":2},{"Type":"Text","Name":"hei & hå"}]}, {"CustomerId":99},{"CustomerId":2,"OrderStatus":"Invoiced","InvoiceRows":[{"ProductId":5,"Quantity":4,"QuantityOrdered":10,"QuantityRest":6}]}))
    for x in await o.get(ALL,ROWS,OrderIds=[1,2,3,4]): print(x)
    print(await o.sync(RegisteredAfter="2020-01-01"))
    print(await o.call("UpdateInvoices",{"invoices":[{"OrderId":1,"InvoiceTitle":"x"},{"InvoiceId":1,"InvoiceTitle":"y"}]}))
    assert 0
