"""What a workbook has, counted part by part: the yardstick of the corpus command.

Independent of kamxl.ooxml on purpose: standard zipfile and plain counting of tags.
"""

from __future__ import annotations

import re
import zipfile
from collections import Counter
from io import BytesIO

_TAG = re.compile(rb"<(?:[A-Za-z_][\w.\-]*:)?([A-Za-z]\w*)")

# feature -> part names that carry it (regular expression on the lower-case name)
PARTS = {
    "charts": r"/charts?/chart\d*\.xml$|/charts/chart[^/]*\.xml$",
    "chartEx": r"chartex[^/]*\.xml$",
    "chart styles and colours": r"/charts/(style|colors)[^/]*\.xml$",
    "chart sheets": r"chartsheets/[^/]+\.xml$",
    "dialog sheets": r"dialogsheets/[^/]+\.xml$",
    "macro sheets": r"macrosheets/[^/]+\.xml$",
    "pictures": r"/media/",
    "SmartArt": r"/diagrams/data",
    "form controls": r"/ctrlprops/",
    "ActiveX": r"/activex/",
    "embedded objects": r"/embeddings/",
    "legacy drawings": r"\.vml$",
    "slicers": r"/slicers/",
    "slicer caches": r"/slicercaches/",
    "timelines": r"/timelines?/|/timelinecaches/",
    "pivot tables": r"/pivottables/[^/]+\.xml$",
    "pivot caches": r"/pivotcache/",
    "tables": r"/tables/table[^/]*\.xml$",
    "XML-mapped cells": r"/tablesinglecells",
    "query tables": r"/querytables/[^/]+\.xml$",
    "connections": r"/connections[^/]*\.xml$",
    "data model": r"xl/model/",
    "comments": r"/comments/?[^/]*\.xml$",
    "threaded comments": r"/threadedcomments/",
    "persons": r"/persons/",
    "VBA": r"vbaproject[^/]*\.bin$",
    "VBA signature": r"vbaprojectsignature",
    "ribbon": r"customui/",
    "custom XML": r"customxml/item\d*\.xml$",
    "XML maps": r"xmlmaps\.xml$",
    "custom properties": r"docprops/custom\.xml$",
    "external links": r"/externallinks/",
    "printer settings": r"/printersettings/",
    "dynamic array metadata": r"xl/metadata\.xml$",
    "rich data": r"/richdata/",
    "web extensions": r"/webextensions?/",
    "thumbnail": r"docprops/thumbnail",
    "theme": r"/theme/",
    "sheet custom properties": r"/customproperty\d*\.",
    "named sheet views": r"/namedsheetviews/",
    "volatile dependencies": r"volatiledependencies",
    "ink": r"/ink/",
    "signatures": r"_xmlsignatures/.*\.xml$",
}

# part kind -> {feature: tag names}
TAGS = {
    "sheet": {
        "formulas": ("f",),
        "conditional formats": ("cfRule",),
        "data validation": ("dataValidation",),
        "sparklines": ("sparkline",),
        "hyperlinks": ("hyperlink",),
        "merged cells": ("mergeCell",),
        "sheet filters": ("autoFilter",),
        "sheet controls": ("control", "oleObject"),
        "ignored errors": ("ignoredError",),
        "protected ranges": ("protectedRange",),
        "sheet protection": ("sheetProtection",),
        "custom views": ("customSheetView",),
        "scenarios": ("scenario",),
        "page breaks": ("brk",),
        "headers and footers": ("headerFooter",),
        "extension lists": ("ext",),
        "phonetics": ("phoneticPr", "rPh"),
        "background pictures": ("picture",),
        "cell watches": ("cellWatch",),
        "alternate content": ("AlternateContent",),
        "consolidation": ("dataConsolidate",),
        "smart tags": ("smartTag", "cellSmartTag"),
    },
    "drawing": {
        "shapes": ("sp",),
        "groups": ("grpSp",),
        "connectors": ("cxnSp",),
        "drawn pictures": ("pic",),
        "anchors": ("twoCellAnchor", "oneCellAnchor", "absoluteAnchor"),
    },
    "chart": {
        "chart series": ("ser",),
        "chart points": ("pt",),
        "trend lines": ("trendline",),
        "chart extensions": ("ext",),
    },
    "workbook": {
        "defined names": ("definedName",),
        "workbook protection": ("workbookProtection",),
        "custom workbook views": ("customWorkbookView",),
        "external references": ("externalReference",),
        "workbook extensions": ("ext",),
    },
    "styles": {
        "cell formats": ("xf",),
        "differential formats": ("dxf",),
        "table styles": ("tableStyle",),
        "slicer styles": ("slicerStyle",),
        "gradients": ("gradientFill",),
        "palette": ("rgbColor",),
    },
    "strings": {"rich text": ("r",), "phonetics": ("rPh",)},
    "comments": {"comment texts": ("comment",), "rich comments": ("rPr",)},
    "table": {
        "calculated columns": ("calculatedColumnFormula",),
        "totals": ("totalsRowFormula",),
        "table filters": ("autoFilter",),
    },
}
_KINDS = (
    ("sheet", re.compile(r"(work|chart|macro|dialog)sheets/[^/]+\.xml$")),
    ("drawing", re.compile(r"drawings/drawing[^/]*\.xml$")),
    ("chart", re.compile(r"charts/chart[^/]*\.xml$")),
    ("workbook", re.compile(r"(^|/)workbook[^/]*\.xml$")),
    ("styles", re.compile(r"(^|/)styles[^/]*\.xml$")),
    ("strings", re.compile(r"sharedstrings[^/]*\.xml$")),
    ("comments", re.compile(r"/comments/?[^/]*\.xml$")),
    ("table", re.compile(r"tables/table[^/]*\.xml$")),
)
_ATTRIBUTES = {
    "spilling formulas": re.compile(rb"<(?:\w+:)?c [^<>]*\bcm="),
    "cell rich values": re.compile(rb"<(?:\w+:)?c [^<>]*\bvm="),
    "shared formulas": re.compile(rb"<(?:\w+:)?f [^<>]*t=\"shared\""),
    "array formulas": re.compile(rb"<(?:\w+:)?f [^<>]*t=\"array\""),
    "data tables": re.compile(rb"<(?:\w+:)?f [^<>]*t=\"dataTable\""),
    "cached formula results": re.compile(rb"(?:</(?:\w+:)?f>|<(?:\w+:)?f [^<>]*/>)<(?:\w+:)?v>[^<]"),
    "outlines": re.compile(rb"outlineLevel="),
}
_GROWING = re.compile(rb"""\s(?:ref|count)\s*=\s*(?:"[^"]*"|'[^']*')""")  # what grows with new columns is no loss
_PARTS = {label: re.compile(pattern) for label, pattern in PARTS.items()}
MAX_PART_BYTES = 80 << 20


def count_features(data: bytes) -> Counter[str]:
    """How often each feature occurs; parts that cannot be unpacked count as unreadable."""
    found: Counter[str] = Counter()
    for (label, _), count in list_features(data).items():
        found[label] += count
    return found


def lost_features(before: Counter[tuple[str, str]], after: Counter[tuple[str, str]]) -> list[str]:
    """Features of which anything is gone; what an edit added does not make up for it."""
    return sorted({label for (label, item), count in before.items() if after[label, item] < count})


def list_features(data: bytes) -> Counter[tuple[str, str]]:
    """How often each item of each feature occurs: a part by its name, an element by its part and its opening tag."""
    found: Counter[tuple[str, str]] = Counter()
    with zipfile.ZipFile(BytesIO(data)) as package:
        for member in package.infolist():
            name = "/" + member.filename.replace("\\", "/").lstrip("/").lower()
            if name.endswith("/"):
                continue
            for label, pattern in _PARTS.items():
                if pattern.search(name):
                    found[label, name] += 1
            kind = next((kind for kind, pattern in _KINDS if pattern.search(name)), "")
            if kind and member.file_size <= MAX_PART_BYTES:
                _list_part(package, member, kind, found)
    return found


def _list_part(package: zipfile.ZipFile, member: zipfile.ZipInfo, kind: str, found: Counter[tuple[str, str]]) -> None:
    try:
        text = package.read(member)
    except Exception:  # a damaged part is a fact about the file, not a failure of the census
        found["unreadable parts", member.filename] += 1
        return
    if text[:2] in (b"\xff\xfe", b"\xfe\xff"):
        text = text.decode("utf-16", "replace").encode()
    labels = {name.encode(): label for label, names in TAGS[kind].items() for name in names}
    part = member.filename.lower()
    for tag in _TAG.finditer(text):
        if label := labels.get(tag[1]):
            opening = text[tag.start() : text.find(b">", tag.end())]
            found[label, f"{part} {_GROWING.sub(b'', opening).decode('utf-8', 'replace')}"] += 1
    if kind == "sheet":
        for label, pattern in _ATTRIBUTES.items():
            if count := len(pattern.findall(text)):
                found[label, part] += count
