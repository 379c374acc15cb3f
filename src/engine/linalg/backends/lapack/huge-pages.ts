// Asks the system for huge pages: first touch of fresh memory costs a page fault every 2 MiB in place of every 4 KiB.
import koffi from 'koffi'
import type { LinalgCore } from '../../core'
import { addressOf } from './batched-product'

const pageBytes = 4096
/** MADV_HUGEPAGE of Linux. */
const advice = 14

/** Under memory that nobody has touched yet, from a page's start. Advice, so nothing depends on it: other systems, and those that give no huge pages, stay as they are. */
export function adviseHugePages(start: number, bytes: number): void {
  if (process.platform !== 'linux') return
  try {
    koffi.load('libc.so.6').func('madvise', 'int', ['uintptr_t', 'size_t', 'int'])(start, bytes, advice)
  } catch {
    // A C library of another name: pages as the system gives them.
  }
}

/** Under the embedded memory. Call it before the memory is used. */
export function adviseEmbedded(embedded: Pick<LinalgCore, 'allocate' | 'release' | 'addressOf' | 'availableBytes'>): void {
  const first = embedded.allocate(1)
  const offset = embedded.addressOf(first)
  const start = addressOf(first) - offset
  embedded.release(first)
  adviseHugePages(start, Math.floor((offset + embedded.availableBytes) / pageBytes) * pageBytes)
}
