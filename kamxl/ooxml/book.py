"""The workbook part: which sheets there are, which dialect it speaks, what may be changed.

Place in the picture: the package plus its main part; the modules for styles, sheets, names and
tables stand on it. Refuses files that must not be edited.
"""

from __future__ import annotations

from kamxl.ooxml.errors import OoxmlError, damaged
from kamxl.ooxml.limits import Limits
from kamxl.ooxml.markup import check_xml
from kamxl.ooxml.package import Package
from kamxl.ooxml.part import XmlPart
from kamxl.records import dataclass

TRANSITIONAL = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
STRICT = "http://purl.oclc.org/ooxml/spreadsheetml/main"
_RELATIONSHIPS = {
    TRANSITIONAL: "http://schemas.openxmlformats.org/officeDocument/2006/relationships",
    STRICT: "http://purl.oclc.org/ooxml/officeDocument/relationships",
}
ORDER = (
    "fileVersion", "fileSharing", "workbookPr", "workbookProtection", "bookViews", "sheets", "functionGroups",
    "externalReferences", "definedNames", "calcPr", "oleSize", "customWorkbookViews", "pivotCaches", "smartTagPr",
    "smartTagTypes", "webPublishing", "fileRecoveryPr", "webPublishObjects", "extLst",
)  # fmt: skip
_KINDS = {"worksheet": "worksheet", "chartsheet": "chartsheet", "dialogsheet": "dialogsheet"}


@dataclass(frozen=True, slots=True)
class SheetEntry:
    """One tab as the workbook part lists it."""

    index: int
    name: str
    sheet_id: int
    relationship: str
    part: str  # empty when the part is missing
    kind: str  # worksheet, chartsheet, dialogsheet, macrosheet, missing
    state: str  # visible, hidden, veryHidden


class Book:
    """A package known to be a workbook that may be edited."""

    def __init__(self, data: bytes, limits: Limits | None = None) -> None:
        self.package = Package(data, limits)
        self.main = _main_part(self.package)
        part = self.package.rooted(self.main, "workbook")
        if part.namespace not in _RELATIONSHIPS:
            raise damaged(f"the workbook speaks an unknown dialect ({part.namespace[:80]})", self.main)
        # What is added to the part uses its prefixes: one that stands for nothing would make all of it unreadable.
        check_xml([part.data], self.main, prefixes=True)
        self.namespace = part.namespace
        self.strict = part.namespace == STRICT
        self._refuse_untouchable()
        if part.root.child("sheets") is None:
            raise damaged("the workbook lists no sheets", self.main)

    @property
    def part(self) -> XmlPart:
        """The workbook part, for reading and editing."""
        return self.package.xml(self.main)

    @property
    def relationships_namespace(self) -> str:
        """Namespace of `r:id` in this workbook's dialect."""
        return _RELATIONSHIPS[self.namespace]

    def relationship_type(self, kind: str) -> str:
        """Type of a relationship of that kind in this workbook's dialect."""
        return f"{self.relationships_namespace}/{kind}"

    def content_type(self, kind: str) -> str:
        """Content type of a spreadsheet part of that kind."""
        return f"application/vnd.openxmlformats-officedocument.spreadsheetml.{kind}+xml"

    def sheets(self) -> list[SheetEntry]:
        """The tabs from left to right."""
        arrows = {item.identifier: item for item in self.package.relationships(self.main)}
        box = self.part.root.child("sheets")
        found = []
        for index, node in enumerate(box.all("sheet") if box else []):
            identifier = node.get_local("id")
            arrow = arrows.get(identifier)
            present = arrow is not None and not arrow.external and self.package.has(arrow.target)
            kind = _KINDS.get(arrow.kind, "macrosheet") if arrow and present else "missing"
            target = arrow.target if arrow and present else ""
            state = node.get("state") or "visible"
            found.append(SheetEntry(index, node.get("name"), node.number("sheetId"), identifier, target, kind, state))
        return found

    def sheet(self, name: str) -> SheetEntry:
        """The tab of that name, in any case.

        Errors: OoxmlError `no-sheet`.
        """
        for entry in self.sheets():
            if entry.name.casefold() == name.casefold():
                return entry
        listed = ", ".join(entry.name for entry in self.sheets()[:8])
        raise OoxmlError("no-sheet", f"there is no sheet `{name}`", help=f"the sheets are: {listed}", place=name)

    @property
    def date1904(self) -> bool:
        """Whether day 0 is 1 January 1904 (old Macintosh workbooks)."""
        node = self.part.root.child("workbookPr")
        return node is not None and node.get("date1904") in ("1", "true")

    @property
    def structure_protected(self) -> bool:
        """Whether adding, moving and renaming sheets is locked."""
        node = self.part.root.child("workbookProtection")
        return node is not None and node.get("lockStructure") in ("1", "true")

    def require_open_structure(self) -> None:
        """Nothing, or OoxmlError `protected` when sheets may not be added or removed."""
        if self.structure_protected:
            raise OoxmlError(
                "protected",
                "the workbook's structure is protected: sheets cannot be added or removed",
                help="in Excel: Review, Protect Workbook, enter the password to lift it",
            )

    def _refuse_untouchable(self) -> None:
        arrows = [item.kind for item in self.package.relationships("")]
        signed = any(key.startswith("_xmlsignatures/") and key.endswith(".xml") for key in self.package.members)
        if signed and "origin" in arrows:
            raise OoxmlError(
                "signed",
                "the workbook is digitally signed; any change would break the signature",
                help="in Excel: File, Save As under a new name, which leaves the signature behind; then use that file",
            )
        if "revisionHeaders" in [item.kind for item in self.package.relationships(self.main)]:
            raise OoxmlError(
                "shared",
                "the workbook is shared the old way and keeps a log of changes",
                help="in Excel: Review, Unshare Workbook, then save",
            )


def _main_part(package: Package) -> str:
    if not package.has("[Content_Types].xml"):
        kind, what = ("ods", "an OpenDocument file") if package.has("mimetype") else ("not-a-workbook", "a zip file")
        raise OoxmlError(kind, f"this is {what}, not an Excel workbook", help="save it as .xlsx and try again")
    arrows = [item for item in package.relationships("") if item.kind == "officeDocument"]
    if not arrows:
        raise damaged("the package does not say which part is the workbook", "_rels/.rels")
    main = arrows[0].target
    if not package.has(main):
        raise damaged("the workbook part is missing", main)
    content_type = package.content_type(main).lower()
    if "binary" in content_type or main.lower().endswith(".bin"):
        raise OoxmlError(
            "xlsb", "this is a binary workbook (.xlsb)", help="in Excel: save it as .xlsx, or as .xlsm if it has macros"
        )
    if "spreadsheet" not in content_type and "excel" not in content_type:
        raise OoxmlError(
            "not-a-workbook", "this Office file is not a workbook", help="give an .xlsx or .xlsm file", place=main
        )
    return main
