"""MCP servers by others, driven by an MCP client: they ask, trade on paper, and hand no pushes on."""

from __future__ import annotations

import pytest

from tests.conformance.client_programs import observe
from tests.conformance.matrix.python_clients import PLAIN

pytestmark = pytest.mark.matrix

SERVERS = {
    "moomoo-api-mcp 0.1.8": ("mcp-moomoo", "moomoo-api-mcp"),
    "futu-stock-mcp-server 1.0.8": ("mcp-futu-stock", "futu-mcp-server"),
    "futu-opend-mcp 0.1.4": ("mcp-futu-opend", "futu-opend-mcp"),
}


@pytest.mark.parametrize("name", SERVERS)
def test_an_mcp_server_does_what_its_tools_offer(start_day, client_record, name):
    """Snapshot, history and both orders, as far as it has tools for them."""
    environment, command = SERVERS[name]
    record = client_record(name, PLAIN)

    record.check(observe(environment, "mcp_day", start_day(), command))
