// Asks the system for huge pages under the embedded memory: first touch of fresh memory costs a page fault every 2 MiB in place of every 4 KiB.
import koffi from 'koffi'
import type { LinalgCore } from '../../core'
import { addressOf } from './batched-product'

const pageBytes = 4096
/** MADV_HUGEPAGE of Linux. */
const advice = 14

/** Advice, so nothing depends on it: other systems, and those that give no huge pages, stay as they are. Call it before the memory is used. */
export function adviseHugePages(embedded: Pick<LinalgCore, 'allocate' | 'release' | 'addressOf' | 'availableBytes'>): void {
  if (process.platform !== 'linux') return
  const first = embedded.allocate(1)
  const offset = embedded.addressOf(first)
  const start = addressOf(first) - offset
  embedded.release(first)
  const bytes = Math.floor((offset + embedded.availableBytes) / pageBytes) * pageBytes
  try {
    koffi.load('libc.so.6').func('madvise', 'int', ['uintptr_t', 'size_t', 'int'])(start, bytes, advice)
  } catch {
    // A C library of another name: pages as the system gives them.
  }
}
