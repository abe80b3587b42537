"""Commands of the command line: name -> (module, summary). One module, one command; imported when called."""

COMMANDS: dict[str, tuple[str, str]] = {
    "run": ("run", "Score, classify and explain the clients of a workbook and write the process sheets."),
    "classify": ("classify", "Write only the result columns beside the client table."),
    "sheets": ("sheets", "Write only the process sheets, one per department."),
    "dashboard": ("dashboard", "Write only the dashboard and its companions, or one HTML page of it."),
    "publish": ("publish", "Make a workbook per department, with only the columns that it may see."),
    "collect": ("collect", "Bring Done and Notes of published workbooks back into the book."),
    "brief": ("brief", "Tell what every department does for one client at one stage."),
    "explain": ("explain", "Tell why a client has its score and category, and what would change it."),
    "check": ("check", "Check rule, process and template files, and run the tests beside the rules."),
    "compare": ("compare", "Show who moves between categories when the rules change, and whom one weight would move."),
    "verify": (
        "verify",
        "Tell whether a classified workbook still agrees with its rules, and what was edited by hand.",
    ),
    "weights": ("weights", "Find weights by pairwise comparison (AHP), and write them into the rule file."),
    "init": ("init", "Put rules, templates and a starter workbook into a folder of yours."),
    "demo": ("demo", "Run the main job on the embedded demo workbook."),
    "formulas": ("formulas", "Write the rules as live native formulas, or turn them back into values."),
    "rules-from": ("rules_from", "Bring numbers changed on the sheet KAM Rules back into the rule file."),
    "install": ("install", "Build the Excel add-in and put it into Excel's start-up folder."),
    "uninstall": ("uninstall", "Take the Excel add-in away; rules, settings and log stay."),
    "doctor": ("doctor", "Tell what keeps the Excel add-in from working, and what to do about it."),
    "build-addin": ("build_addin", "Build kamxl.xlam and kam.xlsm as files, without Excel."),
    "sql": ("sql", "Print the rules as a SQL query, for those who score inside their warehouse."),
    "functions": ("functions", "List the worksheet functions."),
}
