// Electron's fuses: which are set, and why.

/** The table that docs/packaging.md shows. `on` may depend on the platform. */
export const fuses = [
  {
    name: 'RunAsNode',
    on: () => true,
    why: 'the command line `saddlescope` runs the packaged binary as Node, without a display and as root too; whoever can set an environment variable for the user can start any program as the user anyway'
  },
  { name: 'EnableCookieEncryption', on: () => false, why: 'the page keeps no cookies; on, Linux would ask for the keyring' },
  { name: 'EnableNodeOptionsEnvironmentVariable', on: () => false, why: 'NODE_OPTIONS cannot load code into the app' },
  { name: 'EnableNodeCliInspectArguments', on: () => false, why: '--inspect cannot attach a debugger to the app' },
  {
    name: 'EnableEmbeddedAsarIntegrityValidation',
    on: (platform) => platform !== 'linux',
    why: 'app.asar is checked against the hash in the program, where Electron can do that (macOS and Windows)'
  },
  { name: 'OnlyLoadAppFromAsar', on: () => true, why: 'a folder `app` beside app.asar is not run in its place' },
  { name: 'LoadBrowserProcessSpecificV8Snapshot', on: () => false, why: 'there is one snapshot for all processes' },
  { name: 'GrantFileProtocolExtraPrivileges', on: () => false, why: 'the page comes from app://, never from file://' },
  { name: 'WasmTrapHandlers', on: () => true, why: 'bounds checks of WebAssembly by the hardware: the kernels are faster' }
]
