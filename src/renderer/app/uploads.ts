// Sends files from a browser to the workbench's machine, with progress and cancel.
import { shallowRef } from 'vue'
import { formatBytes } from './format'

export interface Transfer {
  readonly id: number
  readonly title: string
  readonly sent: number
  readonly bytes: number
  cancel(): void
}

/** What is being sent now. */
export const transfers = shallowRef<readonly Transfer[]>([])
let next = 1

interface Sent {
  readonly path: string
  readonly batch: string
}

/** Cancelled by the person: nothing that needs saying. */
export class Cancelled extends Error {}

function put(file: File, batch: string | null): Promise<Sent> {
  return new Promise((done, fail) => {
    const request = new XMLHttpRequest()
    const id = next++
    const show = (sent: number) => {
      const transfer: Transfer = { id, title: `Sending ${file.name}`, sent, bytes: file.size, cancel: () => request.abort() }
      transfers.value = transfers.value.some((one) => one.id === id)
        ? transfers.value.map((one) => (one.id === id ? transfer : one))
        : [...transfers.value, transfer]
    }
    show(0)
    request.upload.addEventListener('progress', (event) => show(event.loaded))
    request.addEventListener('load', () => {
      if (request.status === 201) return done(JSON.parse(request.responseText) as Sent)
      return fail(new Error(`${file.name} was not taken: ${request.responseText || `the server answered ${request.status}`}`))
    })
    request.addEventListener('error', () =>
      fail(new Error(`${file.name} (${formatBytes(file.size)}) could not be sent: the connection was lost; nothing of it is kept`))
    )
    request.addEventListener('abort', () => fail(new Cancelled(`${file.name} was not sent`)))
    request.addEventListener('loadend', () => (transfers.value = transfers.value.filter((one) => one.id !== id)))
    request.open('PUT', `/files/uploads/${encodeURIComponent(file.name)}${batch === null ? '' : `?batch=${batch}`}`)
    request.setRequestHeader('content-type', 'application/octet-stream')
    request.send(file)
  })
}

/** Sends files of which one set or run is made, into one folder; the path of the first. Rejects with one sentence, or Cancelled. */
export async function sendFiles(files: readonly File[]): Promise<string> {
  let first: Sent | null = null
  for (const file of files) {
    const sent = await put(file, first?.batch ?? null)
    first ??= sent
  }
  return first?.path ?? ''
}
