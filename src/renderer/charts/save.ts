// Hands a file to the browser's downloads, under a name that tells what it is of.
import { computed, inject, provide, type ComputedRef, type InjectionKey } from 'vue'

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

const subject: InjectionKey<() => string> = Symbol('what the plots of a screen are of')

/** The plots below are of this, such as a run's name: their files' names begin with it. */
export const providePlotSubject = (name: () => string) => provide(subject, name)

/** What the plots of this screen are of; empty where it is nothing in particular. */
export const usePlotSubject = () => inject(subject, () => '')

/** A plot's file name without its ending: as its owner says, or what it is of and its title. */
export function usePlotFile(file: () => string | undefined, title: () => string): ComputedRef<string> {
  const of = usePlotSubject()
  return computed(() => fileName(file() ?? `${of().slice(0, 40)} ${title()}`))
}

export function saveBlob(blob: Blob, name: string) {
  const link = document.createElement('a')
  link.href = URL.createObjectURL(blob)
  link.download = name
  link.click()
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000)
}

export const saveText = (text: string, name: string, type: string) => saveBlob(new Blob([text], { type }), name)
