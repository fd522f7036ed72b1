"""Talk to a gateway that has an RSA key, with every packet encrypted.

The gateway's <rsa_private_key> and this program must name the same file: a PKCS#1 private
key of 1024 bits without a password, for instance from

    openssl genrsa -traditional -out key.pem 1024
    python examples/encrypted_client.py key.pem
"""

import argparse
import os

from futu import *

parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
parser.add_argument("key", help="path of the private key file")
parser.add_argument("--host", default=os.environ.get("OPEND_HOST", "127.0.0.1"))
parser.add_argument("--port", type=int, default=int(os.environ.get("OPEND_PORT", "11111")))
options = parser.parse_args()

SysConfig.set_init_rsa_file(options.key)
address = {"host": options.host, "port": options.port, "is_encrypt": True}

with OpenQuoteContext(**address) as quote_ctx:
    ret, snapshot = quote_ctx.get_market_snapshot(["HK.00700", "US.AAPL"])
    print(snapshot[["code", "last_price", "update_time"]] if ret == RET_OK else snapshot)

with OpenSecTradeContext(filter_trdmarket=TrdMarket.HK, **address) as trd_ctx:
    ret, funds = trd_ctx.accinfo_query(trd_env=TrdEnv.SIMULATE)
    print(funds[["cash", "power", "total_assets"]] if ret == RET_OK else funds)
