// What the packaged app is called and where things lie in it: the one place that the other files of packaging/ ask.
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = dirname(dirname(fileURLToPath(import.meta.url)))
export const dist = join(root, 'dist')
export const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))

/** The name by which systems that want a reverse domain name know the app. */
export const appId = 'org.saddlescope.Saddlescope'
export const authors = 'The Saddlescope authors'
/** The window's program; the name `saddlescope` is the command line's. */
export const executableName = 'saddlescope-desktop'

export const bridgeFolder = 'electron-compat'
export const bridgeEntry = `${bridgeFolder}/entry.cjs`

/** File types that the app opens. `role`: whether it owns the type or only offers to open it. */
export const fileTypes = [
  { extension: 'saddlescope', mimeType: 'application/vnd.saddlescope.run+zip', name: 'Saddlescope run', role: 'owner' },
  { extension: 'npy', mimeType: 'application/x-npy', name: 'NumPy array', role: 'viewer' },
  { extension: 'safetensors', mimeType: 'application/x-safetensors', name: 'Weights of a network (safetensors)', role: 'viewer' },
  { extension: 'onnx', mimeType: 'application/x-onnx', name: 'Network (ONNX)', role: 'viewer' }
]

/** Where the parts of an unpacked package are, by platform. */
export function layout(folder, platform) {
  if (platform === 'darwin') {
    const contents = join(folder, `${manifest.productName}.app`, 'Contents')
    return { executable: join(contents, 'MacOS', manifest.productName), resources: join(contents, 'Resources') }
  }
  const name = platform === 'win32' ? `${manifest.productName}.exe` : executableName
  return { executable: join(folder, name), resources: join(folder, 'resources') }
}
