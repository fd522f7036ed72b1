"""OpenD's messages: `from gateway.pb import Qot_Sub`, then `Qot_Sub.C2S(...)`.

Each proto package is one name here. Its types come from the generated `.pyi` file beside this
module, its classes from the descriptor set `schema.binpb`, loaded when a package is first used.
"""

from typing import TYPE_CHECKING

from gateway.pb.schema import message_type as message_type

if not TYPE_CHECKING:  # the checker must see the stubs only, so that a misspelt package is an error
    from gateway.pb.schema import package as _package

    def __getattr__(name: str) -> object:
        if name.startswith("_"):
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        try:
            found = _package(name)
        except KeyError:
            raise AttributeError(f"the schema has no proto package {name!r}") from None
        globals()[name] = found
        return found
