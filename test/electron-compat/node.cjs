// Globals that Node 18 brought and the Node 16 inside Electron 22.3 lacks in its main and utility processes.
if (!globalThis.Response) {
  globalThis.Response = class Response {
    constructor(body, { status = 200, headers = {} } = {}) {
      this.body = body
      this.status = status
      this.headers = new Map(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]))
    }
    async arrayBuffer() {
      if (this.body === null || this.body === undefined) return new ArrayBuffer(0)
      const bytes =
        typeof this.body === 'string'
          ? Buffer.from(this.body)
          : Buffer.from(this.body.buffer || this.body, this.body.byteOffset || 0, this.body.byteLength)
      return bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength)
    }
  }
}
