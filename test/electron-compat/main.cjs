// Lets the product run on Electron 22.3 (Node 16) in tests: what newer Electrons have and it lacks, bridged here and nowhere else.
// Loaded with `electron -r` before the product. Does nothing on an Electron that has it all.
const path = require('path')
const electron = require('electron')
require('./node.cjs')

if (!electron.protocol.handle) {
  // protocol.handle came with Electron 25; here over registerBufferProtocol, for handlers that answer with a Response.
  electron.protocol.handle = (scheme, handler) => {
    electron.protocol.registerBufferProtocol(scheme, async (request, answer) => {
      try {
        const response = await handler({ url: request.url, method: request.method, headers: new Map(Object.entries(request.headers)) })
        const headers = Object.fromEntries(response.headers)
        const mimeType = (headers['content-type'] || '').split(';')[0]
        answer({ statusCode: response.status, headers, mimeType, data: Buffer.from(await response.arrayBuffer()) })
      } catch (error) {
        answer({ statusCode: 500, headers: {}, data: Buffer.from(String(error)) })
      }
    })
  }
}

// Electron 22 forgot it when it moved; what it would have said on every system of ours but a Linux without notices.
if (!electron.Notification.isSupported) electron.Notification.isSupported = () => true

if (Number(process.versions.node.split('.')[0]) < 18) {
  const fork = electron.utilityProcess.fork
  electron.utilityProcess.fork = (file, args, options = {}) =>
    fork.call(electron.utilityProcess, file, args, {
      ...options,
      execArgv: [...(options.execArgv || []), '-r', path.join(__dirname, 'node.cjs')]
    })
}
