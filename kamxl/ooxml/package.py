"""A workbook as a package: named parts, their content types, and who points at whom.

Place in the picture: between the zip container and the modules that know what parts mean.
A part is read whole (`read`), in steps (`chunks`) or as editable XML (`xml`); what was edited or
put is what `saved_parts` yields beside the untouched members.
"""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterable, Iterator

from kamxl.ooxml.container import Member, part_key, read_container
from kamxl.ooxml.errors import OoxmlError, damaged
from kamxl.ooxml.limits import Limits
from kamxl.ooxml.markup import DECLARATION, escape_attribute, foreign_encoding
from kamxl.ooxml.part import XmlPart
from kamxl.records import dataclass

CONTENT_TYPES = "[Content_Types].xml"
RELATIONSHIPS_NAMESPACE = "http://schemas.openxmlformats.org/package/2006/relationships"


@dataclass(frozen=True, slots=True)
class Relationship:
    """One arrow from a part to another part or to the outside world."""

    identifier: str
    kind: str  # last word of the type: `worksheet`, `drawing`
    type: str
    target: str  # full name of the part, or the outside address as written
    external: bool


@dataclass(frozen=True, slots=True)
class Stream:
    """A part too large to hold: how to produce it, and about how long it gets."""

    produce: Callable[[], Iterable[bytes]]
    expected_bytes: int


class Package:
    """The parts of one workbook, as read and as edited so far."""

    def __init__(self, data: bytes, limits: Limits | None = None) -> None:
        self.limits = limits or Limits()
        self.data = data
        self.members: dict[str, Member] = read_container(data, self.limits)
        self._xml: dict[str, XmlPart] = {}
        self._put: dict[str, tuple[str, bytes | Stream]] = {}
        self._removed: set[str] = set()

    # reading

    def has(self, name: str) -> bool:
        """Whether there is a part of that name now."""
        key = part_key(name)
        return key in self._put or (key in self.members and key not in self._removed)

    def is_stored(self, name: str) -> bool:
        """Whether the part is the one that the file holds, with nothing asked of it but to be read."""
        key = part_key(name)
        return key in self.members and not (key in self._put or key in self._xml or key in self._removed)

    def names(self) -> list[str]:
        """Names of all present parts: the stored ones in their order, then the new ones."""
        kept = [member.name for key, member in self.members.items() if key not in self._removed]
        return kept + [name for key, (name, _) in self._put.items() if key not in self.members or key in self._removed]

    def chunks(self, name: str) -> Iterator[bytes]:
        """The part in steps, edits included."""
        return iter(self.source(name)())

    def source(self, name: str) -> Callable[[], Iterable[bytes]]:
        """What yields the part as it is now, also after it has been put anew."""
        key = part_key(name)
        if key in self._xml:
            data = self._xml[key].data
            return lambda: [data]
        if key in self._put:
            content = self._put[key][1]
            return content.produce if isinstance(content, Stream) else lambda: [content]
        member = None if key in self._removed else self.members.get(key)
        if member is None:
            raise damaged("a part that is pointed at does not exist", name)
        return member.chunks

    def read(self, name: str) -> bytes:
        """The part as a whole; only for parts that are small by nature.

        Errors: OoxmlError `limits` when it is not small, `damaged` when it is missing or broken.
        """
        key, pieces, size_bytes = part_key(name), [], 0
        member = self.members.get(key)
        if member is not None and key not in self._put and member.entry.file_size > self.limits.small_part_bytes:
            raise OoxmlError("limits", "the part is larger than such parts ever are", place=name)
        for chunk in self.chunks(name):
            pieces.append(chunk)
            size_bytes += len(chunk)
            if size_bytes > self.limits.small_part_bytes:
                raise OoxmlError("limits", "the part is larger than such parts ever are", place=name)
        return b"".join(pieces)

    def xml(self, name: str) -> XmlPart:
        """The part for reading and editing; always the same object, so edits add up."""
        key = part_key(name)
        if key not in self._xml:
            data = self.read(name)
            self._xml[key] = XmlPart(self._spelling(name), data)
            self._xml[key].root  # noqa: B018 - refuses what is not XML before anyone relies on it
        return self._xml[key]

    def rooted(self, name: str, root: str) -> XmlPart:
        """The part, when its root element has that name.

        Errors: OoxmlError `damaged` when it has another one: editing it would make nonsense of it.
        """
        part = self.xml(name)
        if part.root.local != root:
            raise damaged(f"the part should be <{root}> and is <{part.root.local[:40]}>", name)
        return part

    def check_copied(self) -> None:
        """Nothing when every part that will be copied can be unpacked; OoxmlError `damaged` otherwise."""
        edits = self.edits()
        for key, member in self.members.items():
            if key not in edits and key not in self._removed:
                for _ in member.chunks():
                    pass

    def _spelling(self, name: str) -> str:
        member = self.members.get(part_key(name))
        return member.name.replace("\\", "/").lstrip("/") if member else name

    def is_foreign(self, name: str) -> bool:
        """Whether the part is written in another encoding than UTF-8."""
        return bool(foreign_encoding(next(iter(self.chunks(name)), b"")[:200]))

    # relationships

    def relationships(self, name: str) -> list[Relationship]:
        """What a part points at, in the order of its relationship part; `""` is the package."""
        part_name = relationships_name(name)
        if not self.has(part_name):
            return []
        folder = posixpath.dirname(name)
        found = []
        for node in self.rooted(part_name, "Relationships").root.all("Relationship"):
            external = node.get("TargetMode").lower() == "external"
            target = node.get("Target")
            if not external:
                target = _resolve(folder, target)
            kind = node.get("Type").rpartition("/")[2]
            found.append(Relationship(node.get("Id"), kind, node.get("Type"), target, external))
        return found

    def related(self, name: str, kind: str) -> str:
        """Name of the first existing part of that kind that `name` points at; empty if none."""
        for item in self.relationships(name):
            if item.kind == kind and not item.external and self.has(item.target):
                return item.target
        return ""

    def add_relationship(self, name: str, kind_type: str, target: str, *, external: bool = False) -> str:
        """Identifier of a new arrow from `name` to a part (or an outside address)."""
        part_name = relationships_name(name)
        if not self.has(part_name):
            self.put(part_name, f'{DECLARATION}<Relationships xmlns="{RELATIONSHIPS_NAMESPACE}"/>'.encode())
        part = self.rooted(part_name, "Relationships")
        used = {node.get("Id") for node in part.root.children}
        number = len(used) + 1
        while f"rId{number}" in used:
            number += 1
        written = target if external else "/" + target.lstrip("/")
        mode = ' TargetMode="External"' if external else ""
        address = f'Type="{kind_type}" Target="{escape_attribute(written)}"{mode}'
        part.append(part.root, f'<{part.prefix}Relationship Id="rId{number}" {address}/>')
        return f"rId{number}"

    def drop_relationship(self, name: str, identifier: str) -> None:
        """Remove one arrow of a part; nothing happens when there is none."""
        part_name = relationships_name(name)
        if not self.has(part_name):
            return
        part = self.xml(part_name)
        for node in part.root.all("Relationship"):
            if node.get("Id") == identifier:
                part.remove(node)

    # content types

    def content_type(self, name: str) -> str:
        """The part's declared type, by its name or by its ending; empty if undeclared."""
        key, ending, default = part_key(name), name.rpartition(".")[2].lower(), ""
        for node in self.rooted(CONTENT_TYPES, "Types").root.children:
            if node.local == "Override" and part_key(node.get("PartName")) == key:
                return node.get("ContentType")
            if node.local == "Default" and node.get("Extension").lower() == ending:
                default = node.get("ContentType")
        return default

    def content_types(self) -> dict[str, str]:
        """Name and declared type of every present part; one look at the list instead of one per part."""
        root = self.rooted(CONTENT_TYPES, "Types").root
        by_ending = {node.get("Extension").lower(): node.get("ContentType") for node in root.all("Default")}
        by_key = {part_key(node.get("PartName")): node.get("ContentType") for node in root.all("Override")}
        return {
            name: by_key.get(part_key(name), by_ending.get(name.rpartition(".")[2].lower(), ""))
            for name in self.names()
        }

    def declare(self, name: str, content_type: str) -> None:
        """Make `content_type` the type of the part, unless it is already."""
        if self.content_type(name) == content_type:
            return
        part, key = self.xml(CONTENT_TYPES), part_key(name)
        for node in part.root.all("Override"):
            if part_key(node.get("PartName")) == key:
                part.set_attribute(node, "ContentType", content_type)
                return
        address = f'PartName="/{escape_attribute(name)}" ContentType="{escape_attribute(content_type)}"'
        part.append(part.root, f"<{part.prefix}Override {address}/>")

    # writing

    def put(self, name: str, content: bytes | Stream, content_type: str = "") -> None:
        """Give a part new content, or add it; relationships of the part stay."""
        key = part_key(name)
        self._put[key] = (name, content)
        self._xml.pop(key, None)
        if content_type:
            self.declare(name, content_type)

    def remove(self, name: str) -> None:
        """Take a part and its own relationships out; arrows to it are the caller's."""
        for gone in (name, relationships_name(name)):
            key = part_key(gone)
            self._put.pop(key, None)
            self._xml.pop(key, None)
            if key in self.members:
                self._removed.add(key)

    def settle(self) -> None:
        """Drop the declarations of parts that are gone; late, so that a part put anew keeps its place."""
        gone = self.removed()
        if not gone:
            return
        part = self.xml(CONTENT_TYPES)
        for node in part.root.all("Override"):
            if part_key(node.get("PartName")) in gone:
                part.remove(node)

    def free_name(self, pattern: str) -> str:
        """The first name of the pattern (`xl/charts/chart%d.xml`) that no part has or had.

        A declared part that is missing, or one whose relationships are left over, is not free: what points at
        it in a damaged workbook would point at ours.
        """
        declared = {part_key(node.get("PartName")) for node in self.xml(CONTENT_TYPES).root.all("Override")}
        declared -= self._removed
        number = 1
        while True:
            name = pattern % number
            if not (self.has(name) or self.has(relationships_name(name)) or part_key(name) in declared):
                return name
            number += 1

    def edits(self) -> dict[str, tuple[str, bytes | Stream]]:
        """Name and content of every part that differs from the stored one or is new."""
        changed = dict(self._put)
        for key, part in self._xml.items():
            if part.changed and (key in self._put or key in self.members):
                changed[key] = (self._put[key][0] if key in self._put else part.name, part.data)
        return {key: value for key, value in changed.items() if not self._is_stored(key, value[1])}

    def removed(self) -> set[str]:
        """Keys of the stored parts that are gone."""
        return {key for key in self._removed if key not in self._put}

    def _is_stored(self, key: str, content: bytes | Stream) -> bool:
        """Whether the new content is what the file holds already: then its packed bytes are kept."""
        member = self.members.get(key)
        if member is None or isinstance(content, Stream) or len(content) != member.entry.file_size:
            return False
        return b"".join(member.chunks()) == content


def relationships_name(name: str) -> str:
    """Name of the part that holds another part's relationships."""
    folder, _, leaf = name.rpartition("/")
    return f"{folder}/_rels/{leaf}.rels" if folder else f"_rels/{leaf}.rels"


def _resolve(folder: str, target: str) -> str:
    plain = target.replace("\\", "/").partition("#")[0]
    if plain.startswith("/"):
        return posixpath.normpath(plain).lstrip("/")
    return posixpath.normpath(posixpath.join(folder, plain)).lstrip("/")
