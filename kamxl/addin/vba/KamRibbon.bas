Attribute VB_Name = "KamRibbon"
Option Explicit

' Callbacks of customUI/customUI14.xml. The tag of a button is the name of its command.

Public Sub KamRibbonLoaded(ByVal ribbon As IRibbonUI)
    WarmUp
End Sub

Public Sub KamRibbonPressed(ByVal control As IRibbonControl)
    RunKamCommand control.Tag
End Sub
