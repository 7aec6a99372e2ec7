from gateway.testing.memory_store import MemoryStore
from tests.adapters.twentyfoursevenoffice.account.office import *


async def test_x():
    office = await opened(MemoryStore())
    print(await office.number(), await office.number(), await office.number(series=3))
    a = await office.save(voucher(1), voucher(2), voucher(3), voucher(7))
    print(a.status, a.body, a.call.number)
    print(await office.number())
    a = await office.save(voucher(1), voucher(2), voucher(3), voucher(7))
    print(a.body)
    a = await office.save(voucher(1, amount="71.00"))
    print(a.body)
    print(await office.gaps())
    for op in "GetTypeList GetAccountList GetTaxCodeList CreateLink CreateLink".split():
        print((await office.ask(op)).body[200:])
    assert 0
