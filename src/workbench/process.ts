// Entry of the workbench process in Electron.
export {}
