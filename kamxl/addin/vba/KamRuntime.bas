Attribute VB_Name = "KamRuntime"
Option Explicit

' The only bridge between Excel and the KAM server in Python. No rules, no decisions about clients: those are Python.
' Nothing is ever read from an opened workbook or its folder: the server is found by its class identifier, and the
' command that starts it stands in the registry of the user, where `kamxl install` wrote it.

Private Const SERVER_CLASS As String = "new:{9B3C8C4E-6B0B-4A5C-8F0E-6B616D786C31}"
Private Const START_COMMAND As String = "HKEY_CURRENT_USER\Software\kamxl\Server"
Private Const PYTHON_MODULE As String = "kamxl.addin.server"
Private Const WAIT_SECONDS As Long = 4
Private Const PAUSE_SECONDS As Double = 0.2
Private Const REST_SECONDS As Long = 20
Private Const CELL_LIMIT As Double = 1000000
Private Const XL_NOT_AVAILABLE As Long = 2042

Private kamServer As Object
Private restUntil As Date
Private lastReason As String

' The answer of one worksheet function; #N/A when no server answers.
Public Function CallKam(ByVal functionName As String, ByVal arguments As Variant) As Variant
    Dim attempt As Long
    Dim answer As Variant
    CallKam = CVErr(XL_NOT_AVAILABLE)
    For attempt = 1 To 2
        If Not IsConnected() Then Exit Function
        If IsAnswered(functionName, arguments, answer) Then
            CallKam = WithErrors(answer)
            Exit Function
        End If
        Set kamServer = Nothing
    Next attempt
End Function

Private Function IsAnswered(ByVal functionName As String, ByVal arguments As Variant, _
                            ByRef answer As Variant) As Boolean
    On Error GoTo failed
    answer = kamServer.CallUDF(PYTHON_MODULE, functionName, arguments, Nothing, Nothing)
    IsAnswered = True
    Exit Function
failed:
    lastReason = Err.Description
    IsAnswered = False
End Function

' The cells of an argument as plain values: one value, or a block cut off below the last used row of its sheet.
' What is too large goes to the server as a marked reason, so that KAM_EXPLAIN and the log can tell it.
Public Function CellsOf(Optional ByRef argument As Variant) As Variant
    If IsMissing(argument) Then
        CellsOf = Empty
    ElseIf IsObject(argument) Then
        CellsOf = BlockOf(argument)
    Else
        CellsOf = argument
    End If
End Function

Private Function BlockOf(ByVal source As Object) As Variant
    Dim used As Object
    Dim rowCount As Double
    Dim columnCount As Double
    Set used = source.Worksheet.UsedRange
    rowCount = Smaller(source.Rows.Count, used.Row + used.Rows.Count - source.Row)
    columnCount = Smaller(source.Columns.Count, used.Column + used.Columns.Count - source.Column)
    If rowCount < 1 Or columnCount < 1 Then
        BlockOf = Empty
    ElseIf source.Areas.Count > 1 Or rowCount * columnCount > CELL_LIMIT Then
        BlockOf = Chr$(1) & KamText("too large")
    Else
        BlockOf = ValuesOf(source.Resize(rowCount, columnCount))
    End If
End Function

' Value2 is the fast way, with days as numbers; where they count from 1904 only Value tells which day is meant.
Private Function ValuesOf(ByVal block As Object) As Variant
    If block.Worksheet.Parent.Date1904 Then ValuesOf = block.Value Else ValuesOf = block.Value2
End Function

Public Function Smaller(ByVal first As Double, ByVal second As Double) As Double
    If first < second Then Smaller = first Else Smaller = second
End Function

' Python marks an error cell with Chr(1), the number of the Excel error and the reason; real errors are made here.
Public Function WithErrors(ByVal answer As Variant) As Variant
    Dim i As Long
    Dim j As Long
    If Not IsArray(answer) Then
        WithErrors = WithError(answer)
        Exit Function
    End If
    For i = LBound(answer, 1) To UBound(answer, 1)
        If IsOneRow(answer) Then
            answer(i) = WithError(answer(i))
        Else
            For j = LBound(answer, 2) To UBound(answer, 2)
                answer(i, j) = WithError(answer(i, j))
            Next j
        End If
    Next i
    WithErrors = answer
End Function

Public Function WithError(ByVal cell As Variant) As Variant
    WithError = cell
    If VarType(cell) = vbString Then
        If Left$(cell, 1) = Chr$(1) Then
            lastReason = Mid$(cell, 7)
            WithError = CVErr(CLng(Mid$(cell, 2, 4)))
        End If
    End If
End Function

Private Function IsOneRow(ByVal answer As Variant) As Boolean
    Dim highest As Long
    On Error GoTo oneRow
    highest = UBound(answer, 2)
    IsOneRow = False
    Exit Function
oneRow:
    IsOneRow = True
End Function

' Carries out one ribbon command on the active workbook, and shows what it says.
Public Sub RunKamCommand(ByVal commandName As String)
    #If Mac Then
        RunOnMac commandName
    #Else
        RunOnWindows commandName
    #End If
End Sub

#If Mac Then
Private Sub RunOnMac(ByVal commandName As String)
    Dim outcome As String
    On Error GoTo failed
    outcome = AppleScriptTask("kamxl.applescript", "RunCommand", commandName)
    Exit Sub
failed:
    MsgBox KamText("no script"), vbExclamation, "KAM"
End Sub
#Else
Private Sub RunOnWindows(ByVal commandName As String)
    Dim message As String
    restUntil = 0
    If Not IsAlive() Then Set kamServer = Nothing
    If IsConnected() Then
        If IsCarriedOut(commandName, message) Then
            If Len(message) > 0 Then MsgBox message, vbInformation, "KAM"
            Exit Sub
        End If
    End If
    MsgBox KamText("no server") & vbCrLf & vbCrLf & lastReason, vbExclamation, "KAM"
End Sub
#End If

' A command may change the workbook, so it is never sent twice: the server is asked first whether it is there.
Private Function IsAlive() As Boolean
    Dim answer As Variant
    IsAlive = False
    If Not kamServer Is Nothing Then IsAlive = IsAnswered("KAM_VERSION", Array(), answer)
End Function

Private Function IsCarriedOut(ByVal commandName As String, ByRef message As String) As Boolean
    On Error GoTo failed
    message = kamServer.RunCommand(commandName, ActiveWorkbook)
    IsCarriedOut = True
    Exit Function
failed:
    lastReason = Err.Description
    IsCarriedOut = False
End Function

' Starts the server when Excel loads the add-in, without waiting for it.
Public Sub WarmUp()
    #If Not Mac Then
        If Not IsAttached() Then StartServer
    #End If
End Sub

' One server object for all workbooks. After a failure Excel is left in peace for a while: a sheet with ten thousand
' formulas must not wait ten thousand times.
Private Function IsConnected() As Boolean
    IsConnected = True
    If Not kamServer Is Nothing Then Exit Function
    If IsAttached() Then Exit Function
    If Now >= restUntil Then
        If StartServer() Then
            If IsAttachedWithin(WAIT_SECONDS) Then Exit Function
        End If
        restUntil = DateAdd("s", REST_SECONDS, Now)
    End If
    IsConnected = False
End Function

Private Function IsAttached() As Boolean
    On Error GoTo failed
    Set kamServer = GetObject(SERVER_CLASS)
    IsAttached = True
    Exit Function
failed:
    Set kamServer = Nothing
    IsAttached = False
End Function

Private Function IsAttachedWithin(ByVal seconds As Long) As Boolean
    Dim deadline As Date
    deadline = DateAdd("s", seconds, Now)
    Do While Now < deadline
        If IsAttached() Then
            IsAttachedWithin = True
            Exit Function
        End If
        Pause PAUSE_SECONDS
    Loop
    lastReason = KamText("server silent")
    IsAttachedWithin = False
End Function

' Asking for the server without a pause keeps COM so busy that the server cannot announce itself. No Sleep from Windows:
' security products look for such calls. At midnight Timer falls back to zero, and the pause ends.
Private Sub Pause(ByVal seconds As Double)
    Dim begun As Double
    begun = Timer
    Do While Timer >= begun And Timer < begun + seconds
    Loop
End Sub

Private Function StartServer() As Boolean
    Dim shell As Object
    On Error GoTo failed
    Set shell = CreateObject("WScript.Shell")
    shell.Run shell.RegRead(START_COMMAND), 0, False
    StartServer = True
    Exit Function
failed:
    lastReason = KamText("cannot start") & " (" & Err.Description & ")"
    StartServer = False
End Function
