"""Read the wire schema out of an installed futu-api or moomoo-api."""

import ast
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from google.protobuf.descriptor_pb2 import FileDescriptorProto, FileDescriptorSet

# Runs in the SDK's own interpreter: our process never imports its generated modules.
# The SDK itself is not imported, only found: importing it starts threads and writes log files.
_DUMP_SCRIPT: Final = """
import importlib, importlib.util, pathlib, sys
from google.protobuf.descriptor_pb2 import FileDescriptorProto, FileDescriptorSet
found = importlib.util.find_spec("futu") or importlib.util.find_spec("moomoo")
if found is None:
    sys.exit("neither futu nor moomoo is installed here")
root = pathlib.Path(found.origin).parent
sys.path.insert(0, str(root / "common" / "pb"))
files = FileDescriptorSet()
for path in sorted((root / "common" / "pb").glob("*_pb2.py")):
    importlib.import_module(path.stem).DESCRIPTOR.CopyToProto(files.file.add())
sys.stdout.buffer.write(str(root).encode() + b"\\n" + files.SerializeToString())
"""


@dataclass(frozen=True, slots=True)
class SdkSchema:
    """What one installed SDK knows of the wire.

    `files` are in the order of their names; `proto_ids` maps name to number in the SDK's order;
    `push_names` are those only the server sends.
    """

    distribution: str
    version: str
    files: tuple[FileDescriptorProto, ...]
    proto_ids: dict[str, int]
    push_names: tuple[str, ...]


def read_sdk(interpreter: Path) -> SdkSchema:
    """Read the SDK installed for a Python interpreter.

    Raises:
        OSError: there is no such interpreter.
        ValueError: it has no SDK that can be read.
    """
    run = subprocess.run([interpreter, "-c", _DUMP_SCRIPT], capture_output=True, check=False)
    if run.returncode:
        raise ValueError(f"{interpreter}: {run.stderr.decode().strip().splitlines()[-1]}")
    first_line, _, dumped = run.stdout.partition(b"\n")
    root = Path(first_line.decode())
    constants = ast.parse((root / "common" / "constant.py").read_text(encoding="utf-8"))
    proto_ids, push_names = _read_proto_ids(constants)
    return SdkSchema(
        distribution=root.name,
        version=(root / "VERSION.txt").read_text(encoding="utf-8").strip(),
        files=tuple(FileDescriptorSet.FromString(dumped).file),
        proto_ids=proto_ids,
        push_names=push_names,
    )


def _read_proto_ids(constants: ast.Module) -> tuple[dict[str, int], tuple[str, ...]]:
    """Find the integer constants of class `ProtoId`, and the names in its list of pushes."""
    ids: dict[str, int] = {}
    pushes: tuple[str, ...] = ()
    for node in _class_body(constants, "ProtoId"):
        match node:
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Constant(value=int(number))):
                ids[name] = number
            case ast.Assign(targets=[ast.Name(id="All_PushId")], value=ast.List(elts=elements)):
                pushes = tuple(item.id for item in elements if isinstance(item, ast.Name))
            case _:
                pass
    return ids, pushes


def _class_body(module: ast.Module, name: str) -> list[ast.stmt]:
    for node in module.body:
        if isinstance(node, ast.ClassDef) and node.name == name:
            return node.body
    raise ValueError(f"the SDK's constants have no class {name}")
