// About the app: its versions, the licences of what it is made of, and the page where newer versions are. Nothing is asked of anybody by itself.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { app } from 'electron'
import { releasePage } from './decisions'
import { handle } from './ipc'
import { licenceText } from './licences'

export function newerVersionPage(): string | null {
  try {
    return releasePage(JSON.parse(readFileSync(join(app.getAppPath(), 'package.json'), 'utf8')) as Record<string, unknown>)
  } catch {
    return null
  }
}

export function setupAbout() {
  handle('about', () => {
    const { electron, chrome, node, v8 } = process.versions
    return {
      versions: [
        { name: 'Saddlescope', value: app.getVersion() },
        { name: 'Electron', value: electron },
        { name: 'Chromium', value: chrome },
        { name: 'Node', value: node },
        { name: 'V8', value: v8 }
      ],
      logs: app.getPath('logs')
    }
  })
  handle('licences', () => licenceText(join(process.resourcesPath, 'licences', 'THIRD-PARTY.txt'), app.getAppPath(), process.execPath))
}
