// Names inside archives from strangers: which must not be followed.

/** `name` has "/" between its parts. Why a name inside an archive must not be followed; null when it stays inside. */
export function pathFault(name: string): string | null {
  if (name.includes('\0')) return 'contains a zero byte'
  if (name.startsWith('/') || /^[A-Za-z]:/.test(name)) return 'is an absolute path'
  if (name.split('/').some((part) => part === '..' || part === '.')) return 'leads out of its folder'
  return null
}
