// `serve`: the workbench in a browser on this machine, behind a token that stays the same from start to start.
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { defaultPort, refuseHost, startServer } from '../../server'
import { keptToken, stateFolder } from '../../server/token'
import { resourcesFolder } from '../../store/datasets'
import { openWorkbench } from '../../workbench'
import { startDemoIfEmpty } from '../../workbench/demo'
import { print, say, workspaceFolder, type WorkspaceOptions } from '../context'
import { UsageError } from '../ending'

interface ServeOptions extends WorkspaceOptions {
  readonly port?: number
  readonly host?: string
  readonly demo: boolean
  readonly newToken?: boolean
}

const pageFolder = () => join(dirname(resourcesFolder()), 'out', 'renderer')

export async function serve(options: ServeOptions): Promise<number> {
  const { port } = options
  if (port !== undefined && !(Number.isInteger(port) && port >= 0 && port < 65_536))
    throw new UsageError('--port: must be an integer from 0 (any free one) to 65535')
  const refusal = options.host === undefined ? null : refuseHost(options.host, port ?? defaultPort)
  if (refusal) throw new UsageError(refusal)
  const workbench = await openWorkbench({ workspace: workspaceFolder(options.workspace) })
  const ended = new Promise<void>((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const)
      process.on(signal, () => {
        // A second one does not wait for checkpoints.
        if (closing) process.exit(0)
        closing = true
        resolve()
      })
  })
  let closing = false
  let server: Awaited<ReturnType<typeof startServer>>
  try {
    server = await startServer({
      serve: workbench.serve,
      workspace: workbench.workspace,
      async token(boundPort) {
        const { token, note } = await keptToken({
          folder: stateFolder({ environment: process.env, platform: process.platform, home: homedir() }),
          workspace: workbench.workspace.folder,
          port: boundPort,
          renew: options.newToken
        })
        if (note !== null) say(note)
        return token
      },
      pageFolder: pageFolder(),
      port: port ?? defaultPort,
      strictPort: port !== undefined,
      ...(options.host === undefined ? {} : { host: options.host })
    })
  } catch (error) {
    await workbench.close()
    throw error
  }
  say(`workspace: ${workbench.workspace.folder}`)
  say(`open this link in a browser on this machine:`)
  // The link alone is on stdout, for programs that start us.
  print(server.link)
  if (options.demo) await startDemoIfEmpty(workbench, say)
  await ended
  say('checkpointing and closing…')
  await server.close()
  await workbench.close()
  // Whatever a client left open must not keep the process.
  setTimeout(() => process.exit(0), 1000).unref()
  return 0
}
