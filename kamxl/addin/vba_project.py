"""vbaProject.bin from VBA source text, as MS-OVBA prescribes for writers: sources only, no performance caches.

Used by `build.py`. Knows the binary format and nothing of KAM. Every module carries its text at offset 0, so Excel
compiles it on loading; section 1.6 of MS-OVBA asks for exactly this form where files must travel.
"""

from __future__ import annotations

import re
import struct
import uuid
from typing import Literal

from kamxl.addin.compound_file import write_compound_file
from kamxl.addin.vba_compression import compress, obfuscate
from kamxl.records import dataclass

CODE_PAGE = 1252
# Version 0xFFFF tells Excel to ignore caches (MS-OVBA 2.3.4.1); these are the seven bytes of its example.
CACHELESS_VERSION = bytes.fromhex("CC61FFFF000100")
ModuleKind = Literal["standard", "workbook", "sheet"]
_DOCUMENT_BASES = {
    "workbook": "0{00020819-0000-0000-C000-000000000046}",
    "sheet": "0{00020820-0000-0000-C000-000000000046}",
}
_DOCUMENT_FLAGS = {"PredeclaredId", "Exposed", "Customizable"}
_FLAG_ORDER = ("GlobalNameSpace", "Creatable", "PredeclaredId", "Exposed", "TemplateDerived", "Customizable")
# Office is needed for IRibbonControl.
_REFERENCES = (
    ("stdole", r"*\G{00020430-0000-0000-C000-000000000046}#2.0#0#C:\Windows\System32\stdole2.tlb#OLE Automation"),
    (
        "Office",
        r"*\G{2DF8D04C-5BFA-101B-BDE5-00AA0044DE52}#2.0#0#C:\Program Files\Common Files\Microsoft Shared"
        r"\OFFICE16\MSO.DLL#Microsoft Office 16.0 Object Library",
    ),
)
_SEED = 0x5D
_MODULE_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,30}")


@dataclass(frozen=True, slots=True)
class VbaModule:
    """One module as its stream holds it: attributes first, CRLF line ends."""

    name: str
    kind: ModuleKind
    text: str


def make_module(name: str, kind: ModuleKind, source: str) -> VbaModule:
    """A module from its source text, with the attributes that its kind needs.

    Errors: ValueError for a name that VBA refuses or that differs from the source's own VB_Name.
    """
    if not _MODULE_NAME.fullmatch(name):
        raise ValueError(f"{name!r} cannot name a VBA module")
    text = "".join(line + "\r\n" for line in source.splitlines())
    given = re.match(r'Attribute VB_Name = "(\w+)"\r\n', text)
    if given:
        if given[1] != name:
            raise ValueError(f"the source of {name} calls itself {given[1]}")
        text = text[given.end() :]
    return VbaModule(name, kind, _attributes(name, kind) + text)


def _attributes(name: str, kind: ModuleKind) -> str:
    lines = [f'Attribute VB_Name = "{name}"']
    if kind != "standard":
        lines.append(f'Attribute VB_Base = "{_DOCUMENT_BASES[kind]}"')
        lines += [f"Attribute VB_{flag} = {flag in _DOCUMENT_FLAGS}" for flag in _FLAG_ORDER]
    return "".join(line + "\r\n" for line in lines)


def build_vba_project(name: str, modules: tuple[VbaModule, ...]) -> bytes:
    """The bytes of vbaProject.bin. The same name and modules give the same bytes.

    Errors: ValueError when two modules, or a module and the project, share a name; UnicodeEncodeError for text
    outside Windows-1252.
    """
    names = [module.name.lower() for module in modules] + [name.lower()]
    if len(set(names)) != len(names):
        raise ValueError(f"project and modules must differ in name: {names}")
    project_id = "{" + str(uuid.uuid5(uuid.NAMESPACE_URL, f"kamxl/{name}")).upper() + "}"
    streams: dict[str, bytes] = {
        "_VBA_PROJECT": CACHELESS_VERSION,
        "dir": compress(_directory_stream(name, modules)),
    }
    streams |= {module.name: compress(_encoded(module.text)) for module in modules}
    name_map = b"".join(_encoded(module.name) + b"\0" + _wide(module.name) + b"\0\0" for module in modules)
    return write_compound_file(
        {"VBA": streams, "PROJECT": _project_stream(name, modules, project_id), "PROJECTwm": name_map + b"\0\0"}
    )


def _encoded(text: str) -> bytes:
    return text.encode(f"cp{CODE_PAGE}")


def _wide(text: str) -> bytes:
    return text.encode("utf-16-le")


def _record(identifier: int, content: bytes = b"") -> bytes:
    return struct.pack("<HI", identifier, len(content)) + content


def _twin_record(identifier: int, text: str, wide_identifier: int) -> bytes:
    return _record(identifier, _encoded(text)) + _record(wide_identifier, _wide(text))


def _directory_stream(name: str, modules: tuple[VbaModule, ...]) -> bytes:
    """The `dir` stream (MS-OVBA 2.3.4.2), with records in the order that Excel writes."""
    number = struct.Struct("<I").pack
    records = [
        _record(0x01, number(1)),  # SYSKIND: 32-bit, as every writer but 64-bit Excel says
        _record(0x02, number(0x409)) + _record(0x14, number(0x409)),
        _record(0x03, struct.pack("<H", CODE_PAGE)),
        _record(0x04, _encoded(name)),
        _twin_record(0x05, "", 0x40),
        _record(0x06) + _record(0x3D),
        _record(0x07, number(0)) + _record(0x08, number(0)),
        struct.pack("<HIIH", 0x09, 4, 0x645BE109, 1),
        _twin_record(0x0C, "", 0x3C),
    ]
    for reference, library in _REFERENCES:
        raw = _encoded(library)
        records += [_twin_record(0x16, reference, 0x3E), _record(0x0D, number(len(raw)) + raw + bytes(6))]
    records += [_record(0x0F, struct.pack("<H", len(modules))), _record(0x13, b"\xff\xff")]
    records += [_module_records(module) for module in modules]
    return b"".join([*records, _record(0x10)])


def _module_records(module: VbaModule) -> bytes:
    return b"".join(
        [
            _twin_record(0x19, module.name, 0x47),
            _twin_record(0x1A, module.name, 0x32),
            _twin_record(0x1C, "", 0x48),
            _record(0x31, bytes(4)),  # the text starts at offset 0: nothing is cached before it
            _record(0x1E, bytes(4)),
            _record(0x2C, b"\xff\xff"),
            _record(0x21 if module.kind == "standard" else 0x22),
            _record(0x2B),
        ]
    )


def _project_stream(name: str, modules: tuple[VbaModule, ...], project_id: str) -> bytes:
    lines = [f'ID="{project_id}"']
    for module in modules:
        lines.append(f"Module={module.name}" if module.kind == "standard" else f"Document={module.name}/&H00000000")
    lines += [
        f'Name="{name}"',
        'HelpContextID="0"',
        'VersionCompatible32="393222000"',
        f'CMG="{obfuscate(bytes(4), project_id, _SEED)}"',
        f'DPB="{obfuscate(bytes(1), project_id, _SEED)}"',
        f'GC="{obfuscate(bytes([255]), project_id, _SEED)}"',
        "",
        "[Host Extender Info]",
        "&H00000001={3832D640-CF90-11CF-8E43-00A0C911005A};VBE;&H00000000",
        "",
        "[Workspace]",
    ]
    lines += [f"{module.name}=0, 0, 0, 0, C" for module in modules]
    return _encoded("".join(line + "\r\n" for line in lines))
