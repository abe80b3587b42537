Attribute VB_Name = "KamButtons"
Option Explicit

' Form buttons of kam.xlsm. Each hands its command to the add-in; this workbook holds no other code.

Public Sub ButtonClassify()
    RunInAddin "classify"
End Sub

Public Sub ButtonSheets()
    RunInAddin "sheets"
End Sub

Public Sub ButtonDashboard()
    RunInAddin "dashboard"
End Sub

Public Sub ButtonExplain()
    RunInAddin "explain"
End Sub

Private Sub RunInAddin(ByVal commandName As String)
    On Error GoTo failed
    Application.Run "'kamxl.xlam'!KamRuntime.RunKamCommand", commandName
    Exit Sub
failed:
    MsgBox KamText("no addin"), vbExclamation, "KAM"
End Sub
