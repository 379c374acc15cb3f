@echo off
rem Saddlescope's command line: the packaged program run as Node, without a window.
setlocal
set "resources=%~dp0.."
set ELECTRON_RUN_AS_NODE=1
"%resources%\@EXECUTABLE@" @PRELOAD@"%resources%\app.asar\out\main\cli.js" %*
exit /b %ERRORLEVEL%
