// Serves the built page with the fake workbench behind it: `node serve.mjs PAGE_FOLDER [PORT]`.
import { startServer } from '../../src/server'
import { createFakeWorkbench } from './fake-workbench'

const [pageFolder, port] = process.argv.slice(2)
const server = await startServer({ serve: createFakeWorkbench().serve, pageFolder, port: Number(port ?? 7399), strictPort: false })
process.stdout.write(`${server.link}\n`)
