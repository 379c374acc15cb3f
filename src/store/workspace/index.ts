// The workspace folder: where it is, its ids, its trash.
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
