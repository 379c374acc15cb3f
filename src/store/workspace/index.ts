// The workspace folder: where it is, its ids, its trash.
export { linuxIsDoomed, linuxProcessStart, processState, stateFromPs, type ProcessState } from './processes'
export { emptyTrash, listTrash, moveToTrash, restoreFromTrash, trashFolder, type TrashedRun } from './trash'
export { isLeftBehind, processMark } from './leftovers'
export { isId, makeUniqueFolder, requireId, slug } from './ids'
export {
  defaultWorkspaceLocation,
  openWorkspace,
  readWorkspace,
  userDataFolder,
  workspaceLocation,
  type LocationInput,
  type Workspace
} from './location'
