// Hands a file to the browser's downloads.

/** A file name without anything a file system objects to. */
export function fileName(text: string): string {
  return (
    text
      .normalize('NFKD')
      .replace(/[^\w.-]+/g, '-')
      .replace(/^[-.]+|[-.]+$/g, '')
      .slice(0, 80)
      .toLowerCase() || 'saddlescope'
  )
}

export function saveBlob(blob: Blob, name: string) {
  const link = document.createElement('a')
  link.href = URL.createObjectURL(blob)
  link.download = name
  link.click()
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000)
}

export const saveText = (text: string, name: string, type: string) => saveBlob(new Blob([text], { type }), name)

export function saveCanvas(canvas: HTMLCanvasElement, name: string) {
  canvas.toBlob((blob) => blob && saveBlob(blob, name), 'image/png')
}
