// Whether a tray icon would be seen. On Linux one is made without complaint where nothing shows it.
import { execFile } from 'node:child_process'

const watcher = 'org.kde.StatusNotifierWatcher'
/** The first tool that is there asks the session bus whether anything shows status icons. */
const questions: readonly (readonly [string, readonly string[]])[] = [
  [
    'gdbus',
    [
      'call',
      '--session',
      '--dest',
      watcher,
      '--object-path',
      '/StatusNotifierWatcher',
      '--method',
      'org.freedesktop.DBus.Properties.Get',
      watcher,
      'IsStatusNotifierHostRegistered'
    ]
  ],
  [
    'dbus-send',
    [
      '--session',
      '--print-reply=literal',
      `--dest=${watcher}`,
      '/StatusNotifierWatcher',
      'org.freedesktop.DBus.Properties.Get',
      `string:${watcher}`,
      'string:IsStatusNotifierHostRegistered'
    ]
  ]
]

function ask(program: string, words: readonly string[]): Promise<boolean | null> {
  return new Promise((done) => {
    execFile(program, [...words], { timeout: 1500 }, (error, answer) => {
      if (error && 'code' in error && error.code === 'ENOENT') done(null)
      else done(!error && /\btrue\b/.test(answer))
    })
  })
}

/** Without a tool to ask with, the answer is no: a window that cannot be called back is worse than one that asks. */
export async function hasTrayHost(platform: string = process.platform): Promise<boolean> {
  if (platform !== 'linux') return true
  for (const [program, words] of questions) {
    const answer = await ask(program, words)
    if (answer !== null) return answer
  }
  return false
}
