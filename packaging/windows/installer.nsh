; Offers Saddlescope among the programs that open .npy, without taking the type from whoever has it. Included by electron-builder's installer script.
!macro customInstall
  WriteRegStr SHELL_CONTEXT "Software\Classes\Saddlescope.npy" "" "NumPy array"
  WriteRegStr SHELL_CONTEXT "Software\Classes\Saddlescope.npy\shell\open\command" "" '"$INSTDIR\${APP_EXECUTABLE_FILENAME}" "%1"'
  WriteRegStr SHELL_CONTEXT "Software\Classes\.npy\OpenWithProgids" "Saddlescope.npy" ""
!macroend

!macro customUnInstall
  DeleteRegKey SHELL_CONTEXT "Software\Classes\Saddlescope.npy"
  DeleteRegValue SHELL_CONTEXT "Software\Classes\.npy\OpenWithProgids" "Saddlescope.npy"
!macroend
