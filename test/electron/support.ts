// Launches the built app in a real Electron, with the bridge where that Electron is old.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { _electron, type ElectronApplication } from 'playwright-core'
import { root } from '../e2e/support'

const dist = process.env.ELECTRON_OVERRIDE_DIST_PATH ?? join(root, 'node_modules', 'electron', 'dist')
const executable = { darwin: 'Electron.app/Contents/MacOS/Electron', win32: 'electron.exe' }[process.platform as string] ?? 'electron'

export const electronVersion = existsSync(join(dist, 'version')) ? readFileSync(join(dist, 'version'), 'utf8').trim() : 'unknown'

export const electronPath = join(dist, executable)

/** What Electron is started with: its own workspace and user-data folder, so that tests do not meet each other's single-instance lock. */
export function electronArguments(workspace: string, args: string[]): string[] {
  const bridge = Number(electronVersion.split('.')[0]) < 30 ? ['-r', join(root, 'test', 'electron-compat', 'main.cjs')] : []
  const sandbox = process.getuid?.() === 0 ? ['--no-sandbox'] : []
  return [...sandbox, `--user-data-dir=${workspace}-user-data`, ...bridge, root, '--workspace', workspace, ...args]
}

/** Playwright sometimes does not get hold of an old Electron's first page; the second try does. */
export async function launchApp(workspace: string, args: string[] = ['--no-demo']): Promise<ElectronApplication> {
  if (!existsSync(electronPath))
    throw new Error(`no Electron at ${electronPath}: set ELECTRON_OVERRIDE_DIST_PATH or run npx install-electron`)
  const launch = () => _electron.launch({ executablePath: electronPath, args: electronArguments(workspace, args), timeout: 30_000 })
  return launch().catch(launch)
}
