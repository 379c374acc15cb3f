// For the scripts that look at the page: `serve` on a workspace, and a Chromium.
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { chromium } from 'playwright-core'
import { root } from './ensure-built.mjs'

/** Starts `serve`, without the demonstration run unless asked for it; resolves once its link is printed. */
export async function serveWorkspace(workspace, { demo = false, environment = {} } = {}) {
  const words = [join(root, 'out', 'main', 'cli.js'), 'serve', ...(demo ? [] : ['--no-demo']), '--workspace', workspace, '--port', '0']
  const server = spawn(process.execPath, words, { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...environment } })
  let output = ''
  const link = await new Promise((done, fail) => {
    for (const stream of [server.stdout, server.stderr])
      stream.on('data', (chunk) => {
        output += chunk
        const found = /http:\/\/\S+#token=[\w-]+/.exec(output)
        if (found) done(found[0])
      })
    server.on('close', () => fail(new Error(`serve ended: ${output}`)))
  })
  return {
    link,
    stop() {
      server.kill('SIGTERM')
      return new Promise((done) => server.on('close', done))
    }
  }
}

export const openChromium = () =>
  chromium.launch({ executablePath: process.env.SADDLESCOPE_CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu'] })
