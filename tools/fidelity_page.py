"""Collects what the code says of its own certainty: every fact tagged [S] or [I], by module.

Docstrings are read through `ast`, comments through `tokenize`, texts through the catalogue; the sentence
around a tag is what the page shows.
"""

import ast
import io
import re
import tokenize
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final, NamedTuple

from gateway import texts

PACKAGES: Final = ("gateway", "simulator", "telnet_ops")
_TAG: Final = re.compile(r"\[([SI])\]")
_SENTENCE_END: Final = re.compile(r"(?<=[.;:])\s+(?=[A-Z`\"*(])")
_MAX_CHARACTERS: Final = 400


class Doubt(NamedTuple):
    """One statement that is not documented and was not observed."""

    module: str
    place: str
    """Function, class or constant; empty for the module itself."""
    weak: bool
    """Whether there is a weak source ([S]); otherwise it is our inference ([I])."""
    statement: str


def fidelity_page(root: Path, generated: str) -> str:
    """The page `docs/fidelity.md`.

    Args:
        root: The repository.
        generated: The line that says how the page is made.
    """
    doubts = list(_collect(root))
    weak = sum(1 for doubt in doubts if doubt.weak)
    lines = [
        "# Fidelity",
        "",
        generated,
        "",
        "How sure we are of what the emulator imitates is written where it is implemented:",
        "`[D]` official documentation, `[P]` proto or SDK source, `[O]` observed by somebody against a",
        "live OpenD, `[S]` a single or weak source, `[I]` our inference. This page lists the last two: it",
        "is the list of what a look at a live OpenD would settle.",
        "",
        f"{weak} statements rest on weak sources, {len(doubts) - weak} are inferred, and the texts at the",
        "end were never seen in at least one of their languages.",
        "",
    ]
    module = None
    for doubt in doubts:
        if doubt.module != module:
            module = doubt.module
            lines += [f"## `{module}`", ""]
        place = f"`{doubt.place}`: " if doubt.place else ""
        lines.append(f"* {'[S]' if doubt.weak else '[I]'} {place}{doubt.statement}")
        if doubt is doubts[-1] or doubts[doubts.index(doubt) + 1].module != module:
            lines.append("")
    return "\n".join([*lines, *_texts_section(), ""])


def _texts_section() -> Iterator[str]:
    yield "## Texts"
    yield ""
    yield "| Chinese | English | known from |"
    yield "| --- | --- | --- |"
    for text in vars(texts).values():
        if isinstance(text, texts.Text) and _TAG.search(text.source):
            yield f"| {_cell(text.zh)} | {_cell(text.en)} | {_cell(text.source)} |"


def _cell(value: str) -> str:
    return value.replace("|", "\\|").replace("\n", " ")


def _collect(root: Path) -> Iterator[Doubt]:
    for package in PACKAGES:
        for path in sorted((root / package).rglob("*.py")):
            module = ".".join(path.relative_to(root).with_suffix("").parts)
            if module == "gateway.texts":
                continue
            source = path.read_text(encoding="utf-8")
            yield from dict.fromkeys(_of_module(module, source))


def _of_module(module: str, source: str) -> Iterator[Doubt]:
    tree = ast.parse(source)
    yield from _docstrings(module, tree, "")
    for place, comment in _comments(tree, source):
        yield from _doubts(module, place, comment)


def _docstrings(module: str, node: ast.AST, place: str) -> Iterator[Doubt]:
    body: list[ast.stmt] = getattr(node, "body", [])
    previous = ""
    for index, child in enumerate(body if isinstance(body, list) else []):
        if isinstance(child, ast.Expr) and isinstance(child.value, ast.Constant):
            if isinstance(child.value.value, str):
                about = place if index == 0 else ".".join(filter(None, (place, previous)))
                yield from _doubts(module, about, child.value.value)
        elif isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield from _docstrings(module, child, ".".join(filter(None, (place, child.name))))
        previous = _assigned(child)


def _assigned(statement: ast.stmt) -> str:
    match statement:
        case ast.AnnAssign(target=ast.Name(id=name)) | ast.Assign(targets=[ast.Name(id=name)]):
            return name
        case _:
            return ""


def _comments(tree: ast.Module, source: str) -> Iterator[tuple[str, str]]:
    """Runs of comment lines with a tag, and the definition that they stand in."""
    run: list[tuple[int, str]] = []
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            if run and token.start[0] > run[-1][0] + 1:
                yield _enclosing(tree, run[0][0]), " ".join(text for _, text in run)
                run = []
            run.append((token.start[0], token.string.lstrip("# ")))
    if run:
        yield _enclosing(tree, run[0][0]), " ".join(text for _, text in run)


def _enclosing(tree: ast.Module, line: int) -> str:
    best = ""
    for node in ast.walk(tree):
        is_definition = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
        if is_definition and node.lineno <= line <= (node.end_lineno or node.lineno):
            best = node.name
    return best


def _doubts(module: str, place: str, text: str) -> Iterable[Doubt]:
    for paragraph in re.split(r"\n\s*\n", text):
        flat = " ".join(paragraph.split())
        if not _TAG.search(flat):
            continue
        for sentence in _SENTENCE_END.split(flat):
            for tag in sorted(set(_TAG.findall(sentence))):
                yield Doubt(module, place, tag == "S", _cell(sentence[:_MAX_CHARACTERS]))
