"""`simulate_trade` disabled: paper accounts are neither listed nor found."""

from gateway.wire.proto_ids import ProtoId
from tests.support.conversation import World
from tests.support.trading import US


def accounts(world):
    reply = world.connect().ask(ProtoId.Trd_GetAccList, userID=0, needGeneralSecAccount=True)
    return {account.accID: account.trdEnv for account in reply.s2c.accList}


def test_only_real_accounts_are_listed():
    """The paper ones are gone, the real ones stay."""
    world = World()
    everything = accounts(world)
    world.opend.has_paper_accounts = False

    assert accounts(world) == {number: env for number, env in everything.items() if env == 1}
    assert 0 in everything.values()


def test_a_hidden_account_is_unknown():
    """Its funds are refused as those of any number that is no account."""
    world = World()
    client = world.connect()
    header = {"trdEnv": 0, "accID": US, "trdMarket": 2}
    assert client.ask(ProtoId.Trd_GetFunds, header=header).retType == 0
    world.opend.has_paper_accounts = False
    known = client.ask(ProtoId.Trd_GetFunds, header=header)
    unknown = client.ask(ProtoId.Trd_GetFunds, header={**header, "accID": 1})

    assert known.retType == -1
    assert known.retMsg == unknown.retMsg.replace("1", str(US), 1)
