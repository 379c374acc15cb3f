; Offers Saddlescope among the programs that open .npy, .safetensors and .onnx, without taking the types from whoever has them. Included by electron-builder's installer script.
!macro customInstall
  WriteRegStr SHELL_CONTEXT "Software\Classes\Saddlescope.npy" "" "NumPy array"
  WriteRegStr SHELL_CONTEXT "Software\Classes\Saddlescope.npy\shell\open\command" "" '"$INSTDIR\${APP_EXECUTABLE_FILENAME}" "%1"'
  WriteRegStr SHELL_CONTEXT "Software\Classes\.npy\OpenWithProgids" "Saddlescope.npy" ""
  WriteRegStr SHELL_CONTEXT "Software\Classes\Saddlescope.safetensors" "" "Weights of a network (safetensors)"
  WriteRegStr SHELL_CONTEXT "Software\Classes\Saddlescope.safetensors\shell\open\command" "" '"$INSTDIR\${APP_EXECUTABLE_FILENAME}" "%1"'
  WriteRegStr SHELL_CONTEXT "Software\Classes\.safetensors\OpenWithProgids" "Saddlescope.safetensors" ""
  WriteRegStr SHELL_CONTEXT "Software\Classes\Saddlescope.onnx" "" "Network (ONNX)"
  WriteRegStr SHELL_CONTEXT "Software\Classes\Saddlescope.onnx\shell\open\command" "" '"$INSTDIR\${APP_EXECUTABLE_FILENAME}" "%1"'
  WriteRegStr SHELL_CONTEXT "Software\Classes\.onnx\OpenWithProgids" "Saddlescope.onnx" ""
!macroend

!macro customUnInstall
  DeleteRegKey SHELL_CONTEXT "Software\Classes\Saddlescope.npy"
  DeleteRegValue SHELL_CONTEXT "Software\Classes\.npy\OpenWithProgids" "Saddlescope.npy"
  DeleteRegKey SHELL_CONTEXT "Software\Classes\Saddlescope.safetensors"
  DeleteRegValue SHELL_CONTEXT "Software\Classes\.safetensors\OpenWithProgids" "Saddlescope.safetensors"
  DeleteRegKey SHELL_CONTEXT "Software\Classes\Saddlescope.onnx"
  DeleteRegValue SHELL_CONTEXT "Software\Classes\.onnx\OpenWithProgids" "Saddlescope.onnx"
!macroend
