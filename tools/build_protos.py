"""Build the wire schema: protos/, the descriptor set, the stubs and the protocol numbers.

    python -m tools.build_protos --sdk SDK_INTERPRETER    take the schema of an installed SDK
    python -m tools.build_protos                          rebuild from protos/ alone
    python -m tools.build_protos --check                  change nothing, name what is stale

Needs `grpcio-tools` (dependency group `schema`). Running it twice gives the same bytes.
"""

import argparse
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

from google.protobuf.descriptor_pb2 import DescriptorProto, FileDescriptorSet

from tools.proto_stubs import render_stub
from tools.proto_text import render_proto
from tools.sdk_schema import SdkSchema, read_sdk

ROOT: Final = Path(__file__).resolve().parent.parent

DESCRIPTOR_SET: Final = "gateway/pb/schema.binpb"
PROTO_IDS: Final = "gateway/wire/proto_ids.py"
JAVASCRIPT_ONLY: Final = ("InitWebSocket.proto",)
"""Files that only the JavaScript SDK has; they are kept as they are in `protos/`."""


def main(arguments: list[str] | None = None) -> int:
    """Build or check; the exit code is 1 if a checked file is stale or the build failed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=_HELP)
    parser.add_argument("--sdk", type=Path, help="interpreter that has futu-api installed")
    parser.add_argument("--check", action="store_true", help="only name the stale files")
    options = parser.parse_args(arguments)
    try:
        wanted = build(read_sdk(options.sdk) if options.sdk else None, ROOT)
    except (OSError, ValueError) as error:
        print(f"build_protos: {error}", file=sys.stderr)
        return 1
    stale = stale_files(ROOT, wanted)
    if not options.check:
        write(ROOT, wanted, stale)
    for name in stale:
        print(f"stale: {name}" if options.check else f"wrote: {name}")
    return 1 if options.check and stale else 0


_HELP: Final = argparse.RawDescriptionHelpFormatter


def build(sdk: SdkSchema | None, root: Path) -> dict[str, bytes]:
    """Every generated file's content by its path below the root.

    Without an SDK the `.proto` files of the repository are the source, and the protocol numbers,
    which no `.proto` file holds, are left as they are.

    Raises:
        ValueError: the compiler refused a `.proto` file.
    """
    if sdk is None:
        protos = {
            path.name: path.read_bytes() for path in sorted((root / "protos").glob("*.proto"))
        }
        return derived_from(compile_protos(protos))
    protos = {file.name: render_proto(file).encode() for file in sdk.files}
    for name in JAVASCRIPT_ONLY:
        protos[name] = (root / "protos" / name).read_bytes()
    return {
        **{f"protos/{name}": text for name, text in protos.items()},
        **derived_from(compile_protos(protos)),
        PROTO_IDS: render_proto_ids(sdk).encode(),
    }


def derived_from(files: FileDescriptorSet) -> dict[str, bytes]:
    """The descriptor set and the stubs, by path."""
    stubs = {f"gateway/pb/{file.package}.pyi": render_stub(file).encode() for file in files.file}
    return {DESCRIPTOR_SET: files.SerializeToString(deterministic=True), **stubs}


def compile_protos(protos: Mapping[str, bytes]) -> FileDescriptorSet:
    """Compile `.proto` texts; each file comes after those it imports.

    JSON names are dropped: protobuf derives them, and whether a compiler writes them down varies.

    Raises:
        ValueError: the compiler refused a file; the text is its own message.
    """
    with tempfile.TemporaryDirectory() as scratch:
        for name, text in protos.items():
            Path(scratch, name).write_bytes(text)
        output = Path(scratch, "schema.binpb")
        compiler = [sys.executable, "-m", "grpc_tools.protoc", f"-I{scratch}", "--include_imports"]
        command = [*compiler, f"--descriptor_set_out={output}", *sorted(protos)]
        run = subprocess.run(command, capture_output=True, text=True, check=False)
        if run.returncode:
            raise ValueError(run.stderr.strip())
        files = FileDescriptorSet.FromString(output.read_bytes())
    for file in files.file:
        _drop_json_names(file.message_type)
    return files


def _drop_json_names(messages: Iterable[DescriptorProto]) -> None:
    for message in messages:
        for field in message.field:
            field.ClearField("json_name")
        _drop_json_names(message.nested_type)


def render_proto_ids(sdk: SdkSchema) -> str:
    """The module of protocol numbers, in ascending order."""
    by_number = sorted(sdk.proto_ids.items(), key=lambda item: item[1])
    members = "\n".join(f"    {name} = {number}" for name, number in by_number)
    pushes = sorted(sdk.push_names, key=sdk.proto_ids.__getitem__)
    push_lines = "\n".join(f"        ProtoId.{name}," for name in pushes)
    return (
        f'"""Protocol numbers of {sdk.distribution}-api {sdk.version}. '
        'Generated by tools/build_protos.py: do not edit."""\n\n'
        "from enum import IntEnum\n"
        "from typing import Final\n\n\n"
        "class ProtoId(IntEnum):\n"
        '    """What a frame carries; the name is that of its proto package. Source: [P]."""\n\n'
        f"{members}\n\n\n"
        "# Sent by the gateway unasked. Source: [P].\n"
        "PUSH_IDS: Final[frozenset[ProtoId]] = frozenset(\n"
        "    {\n"
        f"{push_lines}\n"
        "    }\n"
        ")\n"
    )


def stale_files(root: Path, wanted: Mapping[str, bytes]) -> list[str]:
    """Paths whose content differs from what is wanted, and generated files no longer wanted."""
    stale = [name for name, content in wanted.items() if _read(root / name) != content]
    return sorted([*stale, *_left_over(root, wanted)])


def write(root: Path, wanted: Mapping[str, bytes], stale: Iterable[str]) -> None:
    """Bring the stale files up to date; left-over ones are removed."""
    for name in stale:
        path = root / name
        if name in wanted:
            path.write_bytes(wanted[name])
        else:
            path.unlink()


def _left_over(root: Path, wanted: Mapping[str, bytes]) -> list[str]:
    patterns = ["gateway/pb/[!_]*.pyi"]
    if PROTO_IDS in wanted:  # the .proto files were generated too
        patterns.append("protos/*.proto")
    found = (path for pattern in patterns for path in root.glob(pattern))
    return [name for path in found if (name := path.relative_to(root).as_posix()) not in wanted]


def _read(path: Path) -> bytes | None:
    return path.read_bytes() if path.exists() else None


if __name__ == "__main__":
    sys.exit(main())
