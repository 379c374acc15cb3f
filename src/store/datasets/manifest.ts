// The manifest of a dataset by its id, without what reads archives: every command of the command line loads this file.
import type { DatasetManifest } from '../../shared/datasets/schema'
import { isId, type Workspace } from '../workspace'
import { builtInManifest } from './built-in'
import { installedManifest } from './installed'

/** Null where there is no dataset of that id. Throws one sentence about a manifest that is damaged. */
export const manifestOfId = async (workspace: Workspace, id: string): Promise<DatasetManifest | null> =>
  (await builtInManifest(id)) ?? (isId(id) ? await installedManifest(workspace, id) : null)
