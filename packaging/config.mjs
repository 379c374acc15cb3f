// What electron-builder is told, for all systems. Signing and notarization need certificates that a checkout does not have: see docs/packaging.md.
import { join } from 'node:path'
import { appId, authors, bridgeFolder, executableName, fileTypes, manifest, root } from './names.mjs'

const description = 'Exact second-order training of small neural nets, with every spectrum one click away'

/** Native parts are loaded by the system, and what Node preloads is read before it knows archives. */
export const unpacked = ['**/*.node', `**/${bridgeFolder}/*`]

/** A viewer only offers itself: on Linux by the MIME type, on Windows by the script below, on macOS as an alternate. */
const associations = (wanted) =>
  fileTypes
    .filter(({ role }) => role === wanted)
    .map(({ extension, mimeType, name, role }) => ({
      ext: extension,
      name,
      description: name,
      mimeType,
      role: role === 'owner' ? 'Editor' : 'Viewer',
      rank: role === 'owner' ? 'Owner' : 'Alternate'
    }))

/** `app`: the staged folder; `extra`: a folder whose contents go beside app.asar; `icons`: from icons.mjs. */
export function builderConfig({ app, extra, icons, electronFolder, electronVersion, output, afterPack }) {
  return {
    appId,
    productName: manifest.productName,
    copyright: `Copyright © 2026 ${authors}`,
    directories: { app, output, buildResources: extra },
    electronDist: electronFolder,
    electronVersion,
    // The page is in English, and so are Chromium's own words.
    electronLanguages: ['en-US'],
    asar: { smartUnpack: false },
    asarUnpack: unpacked,
    files: ['**/*'],
    extraResources: [{ from: extra, to: '.' }],
    // koffi's binary is the one that npm installed.
    npmRebuild: false,
    nodeGypRebuild: false,
    publish: null,
    afterPack,
    artifactName: '${name}-${version}-${os}-${arch}.${ext}',
    fileAssociations: associations('owner'),
    linux: {
      target: ['AppImage'],
      executableName,
      icon: icons.pngFolder,
      category: 'Science;ArtificialIntelligence;Math',
      mimeTypes: fileTypes.filter(({ role }) => role === 'viewer').map(({ mimeType }) => mimeType),
      synopsis: manifest.description,
      description,
      maintainer: authors,
      desktop: {
        entry: {
          GenericName: 'Training workbench',
          StartupWMClass: manifest.productName,
          Keywords: 'Hessian;Newton;curvature;neural;training;'
        }
      }
    },
    appImage: { license: null },
    win: { target: ['nsis'], icon: icons.ico, executableName: manifest.productName },
    nsis: {
      oneClick: false,
      perMachine: false,
      allowToChangeInstallationDirectory: true,
      deleteAppDataOnUninstall: false,
      include: join(root, 'packaging', 'windows', 'installer.nsh'),
      license: null
    },
    mac: {
      target: ['dmg'],
      icon: icons.icns,
      fileAssociations: associations('viewer'),
      category: 'public.app-category.developer-tools',
      darkModeSupport: true,
      hardenedRuntime: true,
      gatekeeperAssess: false,
      minimumSystemVersion: '12.0'
    },
    dmg: {
      contents: [
        { x: 130, y: 220 },
        { x: 410, y: 220, type: 'link', path: '/Applications' }
      ]
    }
  }
}
